// Wazuh's agent on a hardened guest: its package source, the package, and the manager that it reports to.
import type { Resource } from '../../resource.ts'
import { type FileSet, fileSet } from '../../resources/file-set.ts'
import { type Facts, NODE_NAME, wishOf } from '../../resources/host-facts.ts'
import { packages, packagesFacts } from '../../resources/packages.ts'
import { packageSource, sourceFacts, type Vendor } from '../apt/package-source.ts'
import { activateUnits, unitDrift, unitFacts } from '../router/unit.ts'
import { escapeXml } from '../xml.ts'

/** One suite for every release. */
const WAZUH: Vendor = {
  name: 'wazuh',
  title: 'Wazuh',
  server: 'packages.wazuh.com',
  keyUrl: 'https://packages.wazuh.com/key/GPG-KEY-WAZUH',
  fingerprint: '0dcfca5547b19d2a6099506096b3ee5f29111145',
  keyFile: '/etc/orion/wazuh/archive-key.gpg',
  place: () => ({ uri: 'https://packages.wazuh.com/4.x/apt/', suite: 'stable' }),
}

const NAME = 'wazuh'
const PACKAGES = ['wazuh-agent']
const CONF = '/var/ossec/etc/ossec.conf'
const UNIT = 'wazuh-agent.service'
const FACTS: Facts = { files: [CONF], commands: unitFacts([UNIT]).commands ?? {} }

/** Source, package and manager. Where the source cannot be had, that is a problem of these three alone. */
export function wazuhResources(host: string, manager: string): readonly Resource[] {
  const wish = wishOf([NODE_NAME, sourceFacts(WAZUH), FACTS, packagesFacts(PACKAGES, NAME)])
  const source = fileSet(packageSource(WAZUH, host, wish))
  const installed = packages({ host, name: NAME, packages: PACKAGES, needs: [source.id], wish })
  const agent: FileSet = {
    host,
    name: NAME,
    title: `Wazuh’s agent on ${host}`,
    wish,
    needs: [installed.id],
    // As the package has it: its daemon reads it as a group of its own.
    files: (seen) => [
      { path: CONF, text: withManager(seen.files.get(CONF)?.text, manager), mode: 0o660, group: 'wazuh' },
    ],
    drift: (seen) => unitDrift(seen, [UNIT]),
    activate: (before) => activateUnits(before, CONF, [UNIT]),
  }
  return [source, installed, fileSet(agent)] as readonly Resource[]
}

/** The rest of the file stays as it is; the first server of the client is the manager. Pure. */
export function withManager(text: string | undefined, manager: string): string {
  const address = `<address>${escapeXml(manager, 'wazuh')}</address>`
  const client = /<client>[\s\S]*?<\/client>/.exec(text ?? '')
  const block = `<ossec_config>\n  <client>\n    <server>\n      ${address}\n    </server>\n  </client>\n</ossec_config>\n`
  if (text === undefined || client === null) return `${text ?? ''}${block}`
  const [old] = client
  const set = /<address>[^<]*<\/address>/.test(old)
    ? old.replace(/<address>[^<]*<\/address>/, () => address)
    : old.replace('<client>', () => `<client>\n    <server>\n      ${address}\n    </server>`)
  return `${text.slice(0, client.index)}${set}${text.slice(client.index + old.length)}`
}
