// A router's own updates: what apt, needrestart and systemd make of the files, and what is left to the operator.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { updates, updatesProbes } from '../../../src/parts/router/updates.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { missing, skip } from '../../setup.ts'
import { WISH } from '../net/test-node.ts'
import { routerSite } from './router-sites.ts'

async function files(bgp = true): Promise<ReadonlyMap<string, string>> {
  const { site, router } = await routerSite()
  const { bgp: _, ...without } = site
  const all = updates(bgp ? site : without, router, WISH).files(NOTHING)
  return new Map(all.map(({ path, text = '' }) => [path, text]))
}

const has = (program: string) => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`])
    return true
  } catch {
    return false
  }
}

describe('parts/router/updates', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-updates-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  const put = (text = '') => {
    const file = join(folder, 'file')
    writeFileSync(file, text)
    return file
  }

  it('lets apt install security updates only, and nothing that speaks BGP', async function () {
    if (!has('apt-config')) this.skip()
    const file = put(
      `Unattended-Upgrade::Origins-Pattern { "origin=Debian"; };\n${(await files()).get('/etc/apt/apt.conf.d/52orion')}`,
    )
    const said = execFileSync('apt-config', ['-c', file, 'dump', 'Unattended-Upgrade'], { encoding: 'utf8' })
    const values = (key: string) =>
      [...said.matchAll(/^Unattended-Upgrade::(\S+):: "(.*)";$/gm)]
        .filter(([, one]) => one === key)
        .map(([, , one]) => one)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what unattended-upgrade fills in
    const security = 'origin=Debian,codename=${distro_codename}-security,label=Debian-Security'
    assert.deepEqual(values('Origins-Pattern').slice(-1), [security])
    assert.ok(!values('Origins-Pattern').includes('origin=Debian'))
    assert.deepEqual(values('Package-Blacklist').slice(-3), ['^bird2$', '^bird3$', '^gobgpd$'])
    assert.match(said, /^Unattended-Upgrade::Automatic-Reboot "false";$/m)
  })

  it('tells needrestart in words that Perl reads', async function () {
    if (!has('perl')) this.skip()
    const text = (await files()).get('/etc/needrestart/conf.d/orion.conf')
    const file = put(
      `${text}\nprint join ' ', map { my $u = $_; (grep { $u =~ /$_/ } keys %{$nrconf{override_rc}}) ? 0 : 1 } @ARGV;`,
    )
    const units = ['bird.service', 'orion-gobgp.service', 'gobgpd.service', 'birdwatcher.service', 'ssh.service']
    assert.equal(execFileSync('perl', [file, ...units], { encoding: 'utf8' }), '0 0 0 1 1')
  })

  it('has a program for the end of BIRD that the shell reads', async function () {
    const reason = await missing(['shellcheck'])
    if (reason) skip(this, reason)
    execFileSync('shellcheck', [put((await files()).get('/usr/local/sbin/orion-bird-stop'))])
  })

  // systemctl and birdc as programs of the test: which half of which job it is.
  const ends = [
    { job: '17 bird.service restart running', said: 'graceful restart', recovers: true },
    { job: '17 bird.service stop running', said: '', recovers: false },
    { job: '', said: '', recovers: false },
  ]
  for (const { job, said, recovers } of ends)
    it(`ends BIRD ${recovers ? 'so that it recovers' : 'for good'} in the job "${job}"`, async () => {
      const recovery = join(folder, 'recovery')
      writeFileSync(recovery, 'ORION_RECOVER=-R\n')
      const text = ((await files()).get('/usr/local/sbin/orion-bird-stop') ?? '').replaceAll(
        '/run/orion-bird.env',
        recovery,
      )
      for (const [name, script] of [
        ['systemctl', `echo "${job}"`],
        ['birdc', `echo "$@" > ${join(folder, 'said')}`],
      ] as const)
        writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
      writeFileSync(join(folder, 'said'), '')
      const state = `sh ${put(text)}; cat ${join(folder, 'said')}; cat ${recovery} 2>/dev/null || echo cold`
      const env = { PATH: `${folder}:${process.env.PATH}`, MAINPID: '4194305' }
      const out = execFileSync('sh', ['-c', state], { encoding: 'utf8', env })
      assert.deepEqual(out.trim().split('\n'), [...(said ? [said] : []), recovers ? 'ORION_RECOVER=-R' : 'cold'])
    })

  it('leaves bird.service alone where the router speaks no BGP', async () =>
    assert.deepEqual(
      [...(await files(false)).keys()],
      ['/etc/apt/apt.conf.d/52orion', '/etc/needrestart/conf.d/orion.conf'],
    ))

  const policy = (candidate: string) =>
    `bird2:\n  Installed: 2.17.5-1\n  Candidate: ${candidate}\n  Version table:\n     2.17.5-1 500\nbird3:\n  Installed: (none)\n  Candidate: 3.1.7-1\n`
  const probes = [
    { says: policy('2.17.5-1'), files: {}, state: 'ok', seen: 'nothing waits for you' },
    { says: policy('2.17.6-1'), files: {}, state: 'warning', seen: 'bird2 2.17.5-1 → 2.17.6-1' },
    {
      says: policy('2.17.5-1'),
      files: { '/run/reboot-required': '' },
      state: 'warning',
      seen: 'a restart of the machine',
    },
  ]
  for (const { says, files: there, state, seen } of probes)
    it(`reports ${seen}`, async () => {
      const { site, router } = await routerSite()
      const { outside } = fakeHost({ name: 'router', programs: { policy: says }, files: there })
      const [probe] = updatesProbes(site, router)
      const result = await probe?.run(outside)
      assert.deepEqual({ state: result?.state, seen: result?.seen }, { state, seen })
    })
})
