// dnsmasq of a router: takes a configuration, or says which line it does not understand.
import { isIP } from 'node:net'
import { failed, type Output, type Program } from '../host/machine.ts'
import { type HostState, textAt } from '../host/state.ts'

const FOLDER = '/etc/dnsmasq.d'

/** Options of the manual page that a router has use for; those in the second set take no value. */
const WITH_VALUE = new Set(
  'interface except-interface listen-address no-dhcp-interface addn-hosts domain local server address resolv-file cache-size rebind-domain-ok dhcp-name-match dhcp-ignore-names dhcp-range dhcp-option dhcp-host ra-param dhcp-leasefile dhcp-lease-max dhcp-ignore host-record cname ptr-record txt-record srv-host port edns-packet-max local-ttl auth-zone log-facility conf-dir min-port'.split(
    ' ',
  ),
)
const ALONE = new Set(
  'bind-dynamic bind-interfaces no-hosts no-resolv no-poll localise-queries domain-needed bogus-priv stop-dns-rebind dhcp-authoritative enable-ra expand-hosts strict-order log-queries log-dhcp filterwin2k dnssec rebind-localhost-ok no-negcache read-ethers quiet-dhcp quiet-dhcp6 quiet-ra'.split(
    ' ',
  ),
)

/** What is wrong with the files of /etc/dnsmasq.d, as dnsmasq says it; undefined = nothing. */
export function checkDnsmasq(host: HostState): string | undefined {
  const paths = Object.keys(host.files).filter((path) => path.startsWith(`${FOLDER}/`) && !/\.dpkg-\w+$/.test(path))
  for (const path of paths.sort())
    for (const [index, line] of (textAt(host, path) ?? '').split('\n').entries()) {
      const wrong = checkLine(line.replace(/(^|\s)#.*$/, '').trim())
      if (wrong !== undefined) return `dnsmasq: ${wrong} at line ${index + 1} of ${path}`
    }
  return undefined
}

function checkLine(line: string): string | undefined {
  if (line === '') return undefined
  const [, key = '', value] = /^([a-z0-9-]+)(?:\s*=\s*(.*))?$/.exec(line) ?? []
  if (ALONE.has(key)) return value === undefined ? undefined : 'extraneous parameter'
  if (!WITH_VALUE.has(key)) return 'bad option'
  if (value === undefined || value === '') return 'missing parameter'
  if (key === 'interface' && !/^[\w.*-]{1,15}$/.test(value)) return 'bad interface name'
  return key === 'dhcp-range' ? checkRange(value) : undefined
}

function checkRange(value: string): string | undefined {
  const [first = '', second = ''] = value.split(',').filter((part) => !/^(set|tag):/.test(part))
  const isPool = isIP(first) === 4 && isIP(second) === 4
  const isPrefix = isIP(first) === 6
  return isPool || isPrefix || (isIP(first) === 4 && second === 'static') ? undefined : 'bad dhcp-range'
}

/** `--test [-7 FOLDER,…]`: without the folder it reads /etc/dnsmasq.conf alone, which is all comments. */
export const dnsmasq: Program = ({ host }, args): Output => {
  if (!args.includes('--test')) return failed(1, 'dnsmasq: the lab runs it as a unit: systemctl start dnsmasq')
  const reads = args.some((arg) => arg === '-7' || arg.startsWith('--conf-dir'))
  const wrong = reads ? checkDnsmasq(host) : undefined
  return wrong === undefined ? { code: 0, stderr: 'dnsmasq: syntax check OK.\n' } : failed(1, wrong)
}
