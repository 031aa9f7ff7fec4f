// The units of the links: their texts, and what activating does on a host before and after, with programs that only tell what they were asked.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MESH_PROGRAM } from '../../../src/parts/mesh/link-paths.ts'
import { activateMesh, firewallUnitFile, MESH_UNITS, timerFiles, unitFile } from '../../../src/parts/mesh/unit.ts'

const exec = promisify(execFile)
const [LINKS, TIMER, WALL] = ['orion-mesh.service', 'orion-mesh-endpoints.timer', 'orion-mesh-firewall.service']
const START = [LINKS, TIMER, WALL].map((unit) => `-q enable ${unit}`)
const OTHERS = [TIMER, WALL].map((unit) => `restart ${unit}`)

describe('parts/mesh/unit', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-test-unit-'))
    for (const one of ['bin', 'units/multi-user.target.wants']) mkdirSync(join(folder, one), { recursive: true })
    for (const name of ['systemctl', 'ip', 'nft']) program(name)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** What is asked goes to `asked`; `isActive`: what systemctl says of the unit now. */
  const program = (name: string, isActive = false) => {
    const text = [
      '#!/bin/sh',
      `printf '%s\\n' "${name} $*" >>${folder}/asked`,
      `case "$*" in *is-active*) exit ${isActive ? 0 : 3} ;; '-o link show group 5180') echo '7: wg-kel-1: <UP> mtu 1420' ;; esac`,
    ]
    writeFileSync(join(folder, 'bin', name), text.join('\n'), { mode: 0o755 })
  }
  const files = () => {
    writeFileSync(join(folder, 'orion-mesh'), '')
    for (const { path } of [unitFile(), firewallUnitFile(), ...timerFiles()])
      writeFileSync(join(folder, 'units', path.slice(path.lastIndexOf('/') + 1)), '')
  }
  /** The lines that were asked of one program. */
  const activate = async (guard: 'swap' | 'put-back', name = 'systemctl') => {
    const here = (text: string) =>
      text.replaceAll('/etc/systemd/system', `${folder}/units`).replaceAll(MESH_PROGRAM, `${folder}/orion-mesh`)
    for (const [command = '', ...args] of activateMesh(MESH_UNITS)) {
      const env = { PATH: `${folder}/bin:${process.env.PATH}`, ORION_GUARD: guard }
      await exec(command, args.map(here), { env })
    }
    const asked = readFileSync(join(folder, 'asked'), 'utf8').split('\n')
    const isIt = (line: string) => line.startsWith(`${name} `) && !/daemon-reload|reset-failed|is-active/.test(line)
    return asked.filter(isIt).map((line) => line.slice(name.length + 1))
  }

  it('starts what was not there', async () => {
    files()
    assert.deepEqual(await activate('swap'), [...START, 'start orion-mesh.service', ...OTHERS])
  })

  it('never restarts what runs: that would end every tunnel', async () => {
    files()
    program('systemctl', true)
    for (const guard of ['swap', 'put-back'] as const) {
      rmSync(join(folder, 'asked'), { force: true })
      assert.deepEqual(await activate(guard), [...START, 'reload orion-mesh.service', ...OTHERS])
    }
  })

  it('takes everything away where there was nothing before', async () => {
    const link = join(folder, 'units/multi-user.target.wants/orion-mesh.service')
    writeFileSync(link, '')
    const want = [LINKS, TIMER, WALL].map((unit) => `-q stop ${unit}`)
    assert.deepEqual(await activate('put-back'), want)
    assert.ok(!existsSync(link))
    const gone = await activate('put-back', 'ip')
    assert.ok(gone.includes('link del dev wg-kel-1'))
    assert.ok(gone.includes('-6 rule del pref 5180'))
    assert.ok(gone.includes('-4 route flush table 5180 proto 86'))
    assert.ok((await activate('put-back', 'nft')).includes('delete table inet orion_mesh'))
  })

  it('starts what is there again, because its removal did not stand', async () => {
    files()
    assert.deepEqual(await activate('put-back'), [...START, 'start orion-mesh.service', ...OTHERS])
  })

  it('the firewall stands before there is a network, and after those who flush all tables', () => {
    const text = firewallUnitFile().text ?? ''
    assert.match(text, /^DefaultDependencies=no$[\s\S]*^Before=network-pre\.target [\s\S]*^After=.*nftables\.service$/m)
    assert.match(
      text,
      /^ExecStart=\/bin\/sh -c '\[ ! -e (\/\S+) \] \|\| exec nft -f \1'$[\s\S]*^WantedBy=sysinit\.target$/m,
    )
    // Too late for it: the kernel forwards from its first network on (sysctl.d).
    assert.match(unitFile().text ?? '', /^After=network-online\.target /m)
  })

  it('a link goes on when the unit that made it ends, and the timer ends with it', () => {
    assert.match(unitFile().text ?? '', /^RemainAfterExit=yes\n[\s\S]*^KillMode=process$/m)
    const [, timer] = timerFiles()
    assert.match(timer?.text ?? '', /^PartOf=orion-mesh\.service$/m)
  })
})
