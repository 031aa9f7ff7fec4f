// Proxmox's own package sources: exactly the wanted one is on; every other byte stays.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { switchEntries } from '../../../src/parts/net/apt-entries.ts'
import { sources, sourcesFacts } from '../../../src/parts/net/sources.ts'
import type { Node } from '../../../src/site/site.ts'
import { onHost, testNode, WISH } from './test-node.ts'

const APT = '/etc/apt'
const D = `${APT}/sources.list.d`
const KEYRING = '/usr/share/keyrings/proxmox-archive-keyring.gpg'

const DEBIAN = `Types: deb
URIs: http://mirror.example/debian/
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`
const ENTERPRISE = `Types: deb
URIs: https://enterprise.proxmox.com/debian/pve
Suites: trixie
Components: pve-enterprise
Signed-By: ${KEYRING}
`
const CEPH = ENTERPRISE.replace('debian/pve', 'debian/ceph-squid').replace('pve-enterprise', 'enterprise')
const FREE = ENTERPRISE.replace('https://enterprise', 'http://download').replace(
  'pve-enterprise',
  'pve-no-subscription',
)
const OLD_LIST = 'deb https://enterprise.proxmox.com/debian/pve bookworm pve-enterprise\n'
const INSTALLED = {
  [`${D}/debian.sources`]: DEBIAN,
  [`${D}/pve-enterprise.sources`]: ENTERPRISE,
  [`${D}/ceph.sources`]: CEPH,
}

function make(wanted: NonNullable<Node['sources']>, files: Record<string, string>, release = 'trixie') {
  const node = testNode({ sources: wanted })
  const programs = {
    release: `PRETTY_NAME="Debian"\nVERSION_CODENAME=${release}\n`,
    'proxmox-keyring': { code: release === 'trixie' ? 0 : 1 },
    timeout: '',
  }
  return onHost(sources(node, WISH), sourcesFacts(node), { files, programs })
}

async function result(wanted: NonNullable<Node['sources']>, files: Record<string, string>, release?: string) {
  const { apply, look, fake } = make(wanted, files, release)
  if ((await look()).length > 0) await apply()
  assert.deepEqual(await look(), [])
  const changed = [...fake.files].filter(([path, { text }]) => files[path] !== text)
  return Object.fromEntries(changed.map(([path, { text }]) => [path, text]))
}

describe('parts/net/sources', () => {
  const rows: {
    title: string
    wanted: NonNullable<Node['sources']>
    files: Record<string, string>
    want: Record<string, string>
    release?: string
  }[] = [
    {
      title: 'turns a fresh Proxmox VE 9 to the sources without a subscription',
      wanted: 'no-subscription',
      files: INSTALLED,
      want: {
        [`${D}/proxmox.sources`]: FREE,
        [`${D}/pve-enterprise.sources`]: `${ENTERPRISE}Enabled: no\n`,
        [`${D}/ceph.sources`]: `${CEPH}Enabled: no\n`,
      },
    },
    {
      title: 'leaves a fresh one as it is where enterprise is wanted',
      wanted: 'enterprise',
      files: INSTALLED,
      want: {},
    },
    {
      title: 'comes back to enterprise',
      wanted: 'enterprise',
      files: { [`${D}/proxmox.sources`]: FREE, [`${D}/pve-enterprise.sources`]: `${ENTERPRISE}Enabled: false\n` },
      want: { [`${D}/proxmox.sources`]: `${FREE}Enabled: no\n`, [`${D}/pve-enterprise.sources`]: ENTERPRISE },
    },
    {
      title: 'names the test component as each release does (9)',
      wanted: 'test',
      files: {},
      want: { [`${D}/proxmox.sources`]: FREE.replace('pve-no-subscription', 'pve-test') },
    },
    {
      title: 'names the test component as each release does (8), and finds .list files',
      wanted: 'test',
      release: 'bookworm',
      files: { [`${D}/pve-enterprise.list`]: OLD_LIST },
      want: {
        [`${D}/proxmox.sources`]:
          'Types: deb\nURIs: http://download.proxmox.com/debian/pve\nSuites: bookworm\nComponents: pvetest\n',
        [`${D}/pve-enterprise.list`]: `# ${OLD_LIST}`,
      },
    },
    {
      title: 'keeps one of several, in whatever file they are',
      wanted: 'no-subscription',
      files: {
        [`${APT}/sources.list`]:
          'deb http://mirror.example/debian trixie main\ndeb [arch=amd64] http://download.proxmox.com/debian/pve trixie pve-no-subscription # mine\n',
        [`${D}/pve-install-repo.list`]:
          'deb [arch=amd64] http://download.proxmox.com/debian/pve bookworm pve-no-subscription\n',
        [`${D}/proxmox.sources`]: `# mine\n${FREE}\n${FREE.replace('pve-no-subscription', 'pve-test')}`,
      },
      want: {
        [`${APT}/sources.list`]:
          'deb http://mirror.example/debian trixie main\n# deb [arch=amd64] http://download.proxmox.com/debian/pve trixie pve-no-subscription # mine\n',
        [`${D}/pve-install-repo.list`]:
          '# deb [arch=amd64] http://download.proxmox.com/debian/pve bookworm pve-no-subscription\n',
        [`${D}/proxmox.sources`]: `# mine\n${FREE}\n${FREE.replace('pve-no-subscription', 'pve-test')}Enabled: no\n`,
      },
    },
    {
      title: 'puts an entry right in place: another suite, switched off, without its key',
      wanted: 'no-subscription',
      files: {
        [`${D}/proxmox.sources`]: `# note\nTypes: deb\nURIs: http://download.proxmox.com/debian/pve\nSuites: bookworm\nComponents: pve-no-subscription\nEnabled: no\n\n${DEBIAN}`,
      },
      want: { [`${D}/proxmox.sources`]: `# note\n${FREE}\n${DEBIAN}` },
    },
    {
      title: 'leaves foreign mirrors, sources of source code, other products and other files alone',
      wanted: 'no-subscription',
      files: {
        [`${D}/proxmox.sources`]: FREE,
        [`${D}/mirror.sources`]: FREE.replace('download.proxmox.com', 'mirror.example.net/proxmox'),
        [`${D}/evil.list`]: 'deb http://download.proxmox.com.example.net/debian/pve trixie pve-test\n',
        [`${D}/src.list`]: 'deb-src http://download.proxmox.com/debian/pve trixie pve-no-subscription\n',
        [`${D}/pbs.list`]: 'deb https://enterprise.proxmox.com/debian/pbs trixie pbs-enterprise\n',
        [`${D}/ceph.sources`]: CEPH.replace('https://enterprise', 'http://download').replace(
          'enterprise',
          'no-subscription',
        ),
        [`${D}/pve-enterprise.list.bak`]: OLD_LIST,
        [`${D}/mixed.sources`]: `${DEBIAN.replace('URIs: ', 'URIs: http://download.proxmox.com/debian/pve ')}`,
      },
      want: {},
    },
    {
      title: 'keeps stanzas of others in its own file',
      wanted: 'no-subscription',
      files: { [`${D}/proxmox.sources`]: DEBIAN },
      want: { [`${D}/proxmox.sources`]: `${DEBIAN}\n${FREE}` },
    },
  ]
  for (const { title, wanted, files, want, release } of rows)
    it(title, async () => assert.deepEqual(await result(wanted, files, release), want))

  it('keeps the mode of a file that it changes', async () => {
    const { apply, fake } = make('no-subscription', { [`${D}/pve-enterprise.list`]: OLD_LIST })
    const have = fake.files.get(`${D}/pve-enterprise.list`)
    assert.ok(have)
    fake.files.set(`${D}/pve-enterprise.list`, { ...have, mode: 0o640 })
    await apply()
    assert.equal(fake.files.get(`${D}/pve-enterprise.list`)?.mode, 0o640)
  })

  it('refuses a release that it does not know', () =>
    assert.rejects(
      make('test', {}, 'buster').look(),
      /Proxmox VE of buster is not known to orion \(known: bookworm, trixie\)/,
    ))

  it('is put back where apt cannot use it', async () => {
    const node = testNode({ sources: 'enterprise' })
    const programs = { release: 'VERSION_CODENAME=trixie\n', 'proxmox-keyring': '', timeout: { code: 100 } }
    const { apply, fake } = onHost(sources(node, WISH), sourcesFacts(node), {
      files: { [`${D}/proxmox.sources`]: FREE },
      programs,
    })
    await assert.rejects(apply(), /activating failed/)
    assert.deepEqual([...fake.files.keys()], [`${D}/proxmox.sources`])
    assert.equal(fake.files.get(`${D}/proxmox.sources`)?.text, FREE)
  })

  it('keeps every byte of a file in which nothing is switched, and switches nothing twice', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '',
        ' ',
        '# x',
        ...DEBIAN.split('\n'),
        ...ENTERPRISE.split('\n'),
        OLD_LIST.trim(),
        'Enabled: no',
        ' more',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.constantFrom('a.list', 'a.sources'), (lines, path) => {
        const text = lines.join('\n')
        assert.equal(
          switchEntries(path, text, () => 'keep'),
          text,
        )
        const off = (one: string) => switchEntries(path, one, ({ enabled }) => (enabled ? 'disable' : 'keep'))
        assert.equal(off(off(text)), off(text))
      }),
    )
  })
})
