// The rules for unattended installations, through the schema and the shape, as a person meets them.
import assert from 'node:assert/strict'
import { parseSite } from '../../../src/site/load.ts'
import { SiteError } from '../../../src/site/site-error.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b me'
const GOOD = `macs: { eno1: "AA:BB:CC:00:00:01" }, disks: [sda, sdb], country: ca, rootPassword: { env: PW }, sshKeys: ["${KEY}"]`

const text = (
  install: string,
  { node = 'gateway: 10.0.0.1, ports: { lan: eno1 }', more = '', top = 'domain: a.lan' } = {},
) => `site: a
${top}
nodes:
  n1: { address: 10.0.0.10, ${node}, install: { ${install} } }
${more}networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 } }
`

async function told(file: string): Promise<string[]> {
  try {
    const { warnings } = await parseSite(file, '/x/orion.yaml')
    return warnings.map(({ message }) => `warning ${message}`)
  } catch (error) {
    assert.ok(error instanceof SiteError, String(error))
    return error.findings.map(({ severity, message }) => `${severity} ${message}`)
  }
}

const without = (key: string) => GOOD.replace(new RegExp(`${key}: (?:\\{[^}]*\\}|\\[[^\\]]*\\]|[^,]*),? ?`), '')

describe('site/rules/install', () => {
  const rows: [string, string, RegExp[]][] = [
    ['a good one', text(GOOD), []],
    ['no password', text(without('rootPassword')), [/^error is missing$/]],
    ['a password itself', text(GOOD.replace('{ env: PW }', 'hunter22')), [/reference to a secret/]],
    ['no disks', text(without('disks')), [/either disks or diskFilter/, /needs raid/]],
    ['both', text(`${GOOD}, diskFilter: { properties: { ID_MODEL: "X*" } }`), [/either disks or diskFilter/]],
    [
      'a filter, and its raid',
      text(`${without('disks')}, raid: raid1, diskFilter: { properties: { ID_MODEL: "X*" } }`),
      [],
    ],
    ['three disks and no raid', text(GOOD.replace('sdb', 'sdb, sdc')), [/needs raid/]],
    ['too few', text(`${GOOD}, raid: raidz-2`), [/raidz-2 needs 4 disks at least, and there are 2/]],
    ['an odd raid10', text(`${GOOD.replace('sdb', 'sdb, sdc, sdd, sde')}, raid: raid10`), [/even number/]],
    ['a disk twice', text(GOOD.replace('sdb', 'sda')), [/names a disk twice/]],
    ['ext4 on two disks', text(`${GOOD}, filesystem: ext4`), [/ext4 takes one disk, and not 2/]],
    [
      'raid and two disks of ext4',
      text(`${GOOD}, filesystem: ext4, raid: raid10`),
      [/ext4 takes one disk, and not 2/, /ext4 has no raid/],
    ],
    ['options of another filesystem', text(`${GOOD}, lvm: { maxroot: 20G }`), [/is not for zfs/]],
    ['btrfs and raidz', text(`${GOOD}, filesystem: btrfs, raid: raidz-1`), [/btrfs has no raidz-1/]],
    [
      'a MAC of another port',
      text(GOOD.replace('eno1', 'eno9')),
      [/needs the MAC address of eno1, on which 10\.0\.0\.10 stands/],
    ],
    ['no port', text(GOOD, { node: 'gateway: 10.0.0.1' }), [/has no port in nodes\.n1\.ports/]],
    ['no gateway', text(GOOD, { node: 'ports: { lan: eno1 }' }), [/needs gateway of n1/]],
    ['no domain', text(GOOD, { top: '' }), [/set domain, so that it is n1\.DOMAIN/]],
    ['a name that is none', text(GOOD.replace('eno1', 'eno-1')), [/port name/]],
    ['no key', text(without('sshKeys')), [/^warning no SSH key gets in/]],
    [
      'one MAC on two machines',
      text(GOOD, {
        more: `  n2: { address: 10.0.0.11, gateway: 10.0.0.1, ports: { lan: eno1 }, install: { ${GOOD.replace('AA:BB', 'aa:bb')} } }\n`,
      }),
      [/aa:bb:cc:00:00:01 is the address of eno1 of n1, too/],
    ],
  ]
  for (const [what, file, wanted] of rows)
    it(what, async () => {
      const findings = (await told(file)).filter((line) => !/^warning (?!no SSH)/.test(line))
      assert.equal(findings.length, wanted.length, findings.join('\n'))
      for (const [at, says] of wanted.entries()) assert.match(findings[at] ?? '', says)
    })

  it('never repeats a password that stands where its reference belongs', async () => {
    assert.doesNotMatch((await told(text(GOOD.replace('{ env: PW }', 'hunter22')))).join('\n'), /hunter22/)
  })
})
