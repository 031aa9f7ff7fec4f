// The programs that reset a card and look for it anew, on a tree like /sys; and what is read from what they say.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Host } from '../../src/host/host.ts'
import { checkSlot, insanity, parseChecks, rescanSlot } from '../../src/resources/pci-reset.ts'
import { needs } from '../setup.ts'

const ID = Buffer.from('de100422', 'hex')
const LOST = Buffer.from('ffffffff', 'hex')

/** What a function says; `reset: 'sticks'` = writing there fails. */
interface Fake {
  readonly config?: Buffer
  readonly driver?: string
  readonly power?: string
  readonly methods?: string
  readonly reset?: 'sticks' | 'works'
}

let dir = ''
const file = (path: string) => join(dir, 'sys/bus/pci', path)
const read = (path: string) => readFileSync(file(path), 'utf8')

function plant(address: string, { config = ID, driver, power = 'D0', methods = 'bus\n', reset = 'works' }: Fake = {}) {
  mkdirSync(file(`devices/${address}/power`), { recursive: true })
  const put = (name: string, text: string | Buffer) => writeFileSync(file(`devices/${address}/${name}`), text)
  put('config', config)
  put('power/control', 'auto\n')
  put('power_state', `${power}\n`)
  put('reset_method', methods)
  put('remove', '')
  put('driver_override', '(null)\n')
  if (reset === 'sticks') mkdirSync(file(`devices/${address}/reset`))
  else put('reset', '')
  if (driver) symlinkSync(`../../../../bus/pci/drivers/${driver}`, file(`devices/${address}/driver`))
}

const host: Pick<Host, 'run'> = {
  run: async ([program = '', flag = '', text = '', ...rest]) => {
    const here = text.replaceAll('/sys/', `${dir}/sys/`).replace('sleep 1', ':')
    const { status, stdout, stderr } = spawnSync(program, [flag, here, ...rest], { encoding: 'utf8' })
    return { code: status ?? 1, stdout, stderr }
  },
}

/** The texts that are sent. */
async function programs(): Promise<readonly string[]> {
  const texts: string[] = []
  const listen: Pick<Host, 'run'> = {
    run: async ([, , text = '']) => {
      texts.push(text)
      return { code: 0, stdout: '', stderr: '' }
    },
  }
  await checkSlot(listen, '0000:01:00')
  await rescanSlot(listen, '0000:01:00')
  return texts
}

describe('pci-reset', () => {
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-pci-'))
    mkdirSync(file('devices'), { recursive: true })
    for (const name of ['rescan', 'drivers_probe']) writeFileSync(file(name), '')
    writeFileSync(file('drivers_autoprobe'), '1\n')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('resets every function of the slot, and of no other', async () => {
    plant('0000:01:00.0', { driver: 'vfio-pci' })
    plant('0000:01:00.1', { driver: 'vfio-pci', methods: '' })
    plant('0000:02:00.0')
    assert.deepEqual(await checkSlot(host, '0000:01:00'), [
      { address: '0000:01:00.0', id: '10de:2204', power: 'D0', driver: 'vfio-pci', reset: 'done' },
      { address: '0000:01:00.1', id: '10de:2204', power: 'D0', driver: 'vfio-pci', reset: 'none' },
    ])
    assert.equal(read('devices/0000:01:00.0/reset'), '1\n')
    assert.equal(read('devices/0000:01:00.1/reset'), '')
    assert.equal(read('devices/0000:02:00.0/reset'), '')
    assert.equal(read('devices/0000:01:00.0/power/control'), 'auto\n', 'it may sleep again')
  })

  it('says which is lost, and which cannot be reset', async () => {
    plant('0000:01:00.0', { config: LOST, power: 'D3cold', driver: 'vfio-pci' })
    plant('0000:01:00.1', { reset: 'sticks' })
    const checks = await checkSlot(host, '0000:01:00')
    assert.deepEqual(
      checks.map(({ id, power, reset }) => [id, power, reset]),
      [
        ['ffff:ffff', 'D3cold', 'done'],
        ['10de:2204', 'D0', 'failed'],
      ],
    )
    assert.deepEqual(insanity(checks, '0000:01:00', ['10de:2204']), [
      '0000:01:00.0 does not answer',
      '0000:01:00.1 cannot be reset',
    ])
  })

  it('one function alone', async () => {
    plant('0000:00:02.3')
    plant('0000:00:02.0')
    const checks = await checkSlot(host, '0000:00:02.3')
    assert.deepEqual(
      checks.map(({ address }) => address),
      ['0000:00:02.3'],
    )
  })

  it('looks for it anew without drivers, and gives it to vfio-pci', async () => {
    plant('0000:01:00.0')
    plant('0000:02:00.0')
    await rescanSlot(host, '0000:01:00')
    assert.deepEqual(['devices/0000:01:00.0/remove', 'rescan', 'drivers_autoprobe'].map(read), ['1\n', '1\n', '1\n'])
    assert.deepEqual(
      [read('devices/0000:01:00.0/driver_override'), read('drivers_probe')],
      ['vfio-pci\n', '0000:01:00.0\n'],
    )
    assert.equal(read('devices/0000:02:00.0/remove'), '')
  })

  it('looks for it also where it is gone already', async () => {
    await rescanSlot(host, '0000:01:00')
    assert.equal(read('rescan'), '1\n')
    assert.deepEqual(await checkSlot(host, '0000:01:00'), [])
    assert.ok(existsSync(file('drivers_autoprobe')))
  })

  it('shellcheck has nothing to say', async function () {
    await needs(this, ['shellcheck'])
    for (const text of await programs()) {
      const { stdout } = spawnSync('shellcheck', ['-s', 'dash', '-'], { input: text, encoding: 'utf8' })
      assert.equal(stdout, '')
    }
  })
})

describe('insanity', () => {
  const sane = { address: '0000:01:00.0', id: '10de:2204', power: 'D0', driver: 'vfio-pci', reset: 'done' } as const
  const rows: [string, Partial<Record<keyof typeof sane, string>>, readonly string[]][] = [
    ['sane', {}, []],
    ['no driver is fine: Proxmox VE binds it at the start', { driver: '' }, []],
    ['no way to reset it is known', { reset: 'none' }, []],
    ['asleep for good', { power: 'D3cold' }, ['0000:01:00.0 does not wake up (D3cold)']],
    ['nobody knows', { power: 'unknown' }, ['0000:01:00.0 does not wake up (unknown)']],
    ['the host took it', { driver: 'nouveau' }, ['0000:01:00.0 is taken by nouveau']],
    ['another one is there', { id: '8086:1234' }, ['0000:01:00 has no 10de:2204 any more']],
  ]
  for (const [title, changes, want] of rows)
    it(title, () => {
      const text = Object.entries({ ...sane, ...changes }).map(([key, value]) =>
        key === 'address' ? value : `${key}=${value}`,
      )
      assert.deepEqual(insanity(parseChecks(`${text.join(' ')}\n`), '0000:01:00', ['10de:2204']), want)
    })
  it('nothing there', () => assert.deepEqual(insanity([], '0000:01:00', []), ['0000:01:00 is gone from the bus']))
  it('whatever is said, what is not said well is not sane', () =>
    fc.assert(fc.property(fc.string(), (text) => insanity(parseChecks(text), '0000:01:00', ['10de:2204']).length > 0)))
})
