// orion-edge, the program that decides on the router who speaks: what it asks of GoBGP, with programs that only note what they are asked.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ACTIVATE_GOBGP, GOBGP_FILES, gobgp } from '../../../src/parts/bgp/gobgp.ts'
import { bgpSite, routerIn, withBird } from './bird-site.ts'

const exec = promisify(execFile)
const site = bgpSite({ daemon: 'gobgp', rpki: { local: true, caches: [] } })
const files = gobgp(site, routerIn(site), {})?.files(withBird('2.17.5')) ?? []
const textOf = (path: string): string => files.find((file) => file.path === path)?.text ?? ''

const GOBGP = `#!/bin/sh
shift 2
printf '%s\\n' "$*" >>FOLDER/asked
case $* in
'global policy import') printf 'Import policy:\\n    Default: REJECT\\n'; sed -n 's/^statement /        StatementName /p' FOLDER/orion.list ;;
'global policy export') printf 'Export policy:\\n    Default: REJECT\\n' ;;
'rpki server') printf '[::1]:8282 Up 00:00:24 0/3\n' ;;
*' del '*) ;;
'global rib -a ipv6 '*) printf '*> 2602:f674::/40 :: 00:00:00 []\\n' ;;
'global rib -a ipv4 '*) printf '*> 198.18.0.0/24 0.0.0.0 00:00:00 []\\n' ;;
esac
`

describe('orion-edge', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    mkdirSync(join(folder, 'state'))
    writeFileSync(join(folder, 'gobgp'), GOBGP.replaceAll('FOLDER', folder), { mode: 0o755 })
    writeFileSync(join(folder, 'orion.list'), textOf(GOBGP_FILES.list))
    writeFileSync(join(folder, 'orion.toml'), textOf(GOBGP_FILES.conf))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** What it said of troubles. */
  async function run(word: string): Promise<string> {
    const program = textOf(GOBGP_FILES.program)
      .replaceAll('/etc/gobgp/', `${folder}/`)
      .replaceAll('/run/orion-edge/', `${folder}/state/`)
      .replaceAll('/etc/orion/', `${folder}/`)
      .replace(/^PATH=\S+/m, `PATH=${folder}:/usr/bin:/bin`)
    return (await exec('sh', ['-c', program, 'orion-edge', word])).stderr
  }

  async function ready(): Promise<readonly string[]> {
    await run('ready')
    return readFileSync(join(folder, 'asked'), 'utf8').split('\n')
  }

  it('knows a cache that it has asked for longer than a day', async () => {
    assert.match(textOf(GOBGP_FILES.list), /^rpki ::1$/m)
    const old = GOBGP.replaceAll('FOLDER', folder).replace('Up 00:00:24', 'Up     3d 00:00:24')
    writeFileSync(join(folder, 'gobgp'), old, { mode: 0o755 })
    assert.equal(await run('ready'), '')
  }).timeout(20_000)

  it('waits for the policies of a GoBGP that answers before it has them', async () => {
    const late = `#!/bin/sh
case "$*" in
*'global policy import') echo >>${folder}/looks; [ "$(wc -l <${folder}/looks)" -gt 2 ] || { echo 'Import policy:'; echo '    Default: ACCEPT'; exit; } ;;
esac
exec ${folder}/gobgp.all "$@"
`
    writeFileSync(join(folder, 'gobgp.all'), GOBGP.replaceAll('FOLDER', folder), { mode: 0o755 })
    writeFileSync(join(folder, 'gobgp'), late, { mode: 0o755 })
    const asked = await ready()
    const enabled = asked.filter((line) => /^neighbor \S+ enable$/.test(line))
    assert.equal(enabled.length, textOf(GOBGP_FILES.list).match(/^neighbor /gm)?.length)
    assert.ok(!asked.some((line) => line.endsWith(' disable')), asked.join('\n'))
  })

  it('never asks for a whole table, which takes longer than it waits, before it lets peers connect', async () => {
    const asked = await ready()
    assert.deepEqual(
      asked.filter((line) => /^global rib -a ipv[46]$/.test(line)),
      [],
    )
    for (const prefix of site.bgp?.announce ?? [])
      assert.ok(
        asked.some((line) => line.startsWith('global rib add ') && line.includes(` ${prefix} `)),
        prefix,
      )
    const [first = -1, last = -1] = [/^neighbor \S+ enable$/, /^global policy export$/].map((pattern) =>
      asked.findIndex((line) => pattern.test(line)),
    )
    assert.ok(first > last && last >= 0)
  })

  it('starts and stops nothing where the file that says who shall speak says neither', async () => {
    writeFileSync(join(folder, 'systemctl'), `#!/bin/sh\nprintf '%s\\n' "$*" >>${folder}/asked\nexit 3\n`, {
      mode: 0o755,
    })
    writeFileSync(join(folder, 'asked'), '')
    writeFileSync(join(folder, 'edge'), 'frr\n')
    await assert.rejects(run('hold'), /edge: frr/)
    assert.equal(readFileSync(join(folder, 'asked'), 'utf8'), '')
  })

  it('leaves no GoBGP that speaks where a put-back took all of its files away', async () => {
    writeFileSync(join(folder, 'systemctl'), `#!/bin/sh\nprintf '%s\\n' "$*" >>${folder}/asked\nexit 5\n`, {
      mode: 0o755,
    })
    const [program = '', ...words] = ACTIVATE_GOBGP[0].slice(0, 4)
    await exec(program, [...words, join(folder, 'none')], { env: { PATH: `${folder}:${process.env.PATH}` } })
    assert.match(readFileSync(join(folder, 'asked'), 'utf8'), /^daemon-reload\nstop orion-gobgp.service\n$/)
  })

  it('starts with the machine after an apply, also where it runs already', async () => {
    writeFileSync(
      join(folder, 'systemctl'),
      `#!/bin/sh\nprintf '%s\\n' "$*" >>${folder}/asked\n[ "$1" != is-active ] || echo active\n`,
      { mode: 0o755 },
    )
    writeFileSync(join(folder, 'edge'), 'gobgp\n')
    await run('apply')
    const asked = readFileSync(join(folder, 'asked'), 'utf8').split('\n')
    for (const one of ['enable --quiet orion-gobgp.service', 'reload orion-gobgp.service'])
      assert.ok(asked.includes(one), asked.join('\n'))
  }).timeout(60_000)

  it('keeps what it notes where GoBGP itself cannot write', async () => {
    await ready()
    assert.match(readFileSync(join(folder, 'state/started'), 'utf8'), /^\[global\.config\]/m)
    const made = readFileSync(join(folder, 'state/made'), 'utf8')
    for (const prefix of site.bgp?.announce ?? []) assert.ok(made.includes(` ${prefix}\n`), prefix)
    assert.doesNotMatch(textOf(GOBGP_FILES.program), />+ *\S*\/run\/gobgp\//)
  })
})
