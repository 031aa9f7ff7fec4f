// The watchdog of a node: never two owners, and only what the device can do.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimOf, WATCHDOG_FILE, watchdog, watchdogHostFacts } from '../../../src/parts/keeper/watchdog.ts'
import { watchdogFacts, watchdogsOf } from '../../../src/parts/keeper/watchdog-look.ts'
import { fileSet } from '../../../src/resources/file-set.ts'
import { NOTHING, wishOf } from '../../../src/resources/host-facts.ts'
import { fakeHost, file } from '../../resources/fake-host.ts'
import { needs } from '../../setup.ts'
import { node } from '../../site/site-builder.ts'

const WISH = { device: '/dev/watchdog', timeoutSeconds: 60 }
const SOFT = 'dog|watchdog0|Software Watchdog|active|10|65535|1|0'
const TCO = 'dog|watchdog0|iTCO_wdt|inactive|30|613|2|0'
const NO_MUX = 'mux|not-found|inactive||-'
const MUX = 'mux|loaded|active|static|-'
const HELD = 'held|watchdog0|812|watchdog-mux|watchdog-mux.service'
const SYSTEMD = 'held|watchdog0|1|systemd|init.scope'
const DEVICE = 'device|/dev/watchdog|watchdog0'

interface Given {
  readonly lines: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly wanted?: { readonly device: string; readonly timeoutSeconds: number }
}

function seenOf({ lines, files = {} }: Given) {
  return {
    ...NOTHING,
    files: new Map(Object.entries(files).map(([path, text]) => [path, file(text)])),
    commands: new Map([['watchdog-look', { code: 0, stdout: `${lines.join('\n')}\n`, stderr: '' }]]),
  }
}

function look(given: Given) {
  const seen = seenOf(given)
  const set = watchdog(node('n1'), given.wanted ?? WISH, {})
  return {
    files: set.files(seen).map(({ path, text }) => [path, text]),
    problems: set.problems?.(seen) ?? [],
    drift: set.drift?.(seen) ?? [],
  }
}

const TEXT = '# Made by orion from the site file.\n[Manager]\nRuntimeWatchdogSec=60\nWatchdogDevice=/dev/watchdog\n'

describe('parts/keeper/watchdog', () => {
  it('is fed by systemd where nobody has it', () => {
    const { files, problems, drift } = look({ lines: [DEVICE, TCO, NO_MUX, 'manager|0'] })
    assert.deepEqual([files, problems], [[[WATCHDOG_FILE, TEXT]], []])
    assert.deepEqual(drift, [{ field: '/dev/watchdog', have: 'off', want: '60 s, fed by systemd' }])
  })

  it('is as wanted where systemd feeds it for so long', () => {
    const own = { lines: [DEVICE, TCO, SYSTEMD, NO_MUX, 'manager|1min'], files: { [WATCHDOG_FILE]: TEXT } }
    assert.deepEqual(look(own).drift, [])
    const [other] = look({ ...own, lines: [DEVICE, TCO, SYSTEMD, NO_MUX, 'manager|1min 30s'] }).drift
    assert.equal(other?.have, '90 s, fed by systemd')
  })

  for (const [what, lines, have, hint] of [
    ['watchdog-mux', [DEVICE, SOFT, HELD, MUX], 'watchdog-mux has it (softdog, 10 s)', /WATCHDOG_MODULE=iTCO_wdt/],
    [
      'watchdog-mux that is not started yet',
      [DEVICE, TCO, 'mux|loaded|inactive|static|-'],
      'watchdog-mux has it (iTCO_wdt, 30 s)',
      /mask --now watchdog-mux/,
    ],
    [
      'watchdog-mux, with a real one beside it',
      [DEVICE, SOFT, 'dog|watchdog1|i6300ESB timer|inactive|30|2046|1|0', HELD, MUX],
      'watchdog-mux has it (softdog, 10 s)',
      /n1 has a real one \(i6300ESB timer\): keeper.watchdog.device: \/dev\/watchdog1/,
    ],
    [
      'another daemon',
      [DEVICE, TCO, 'held|watchdog0|900|watchdog|watchdog.service', NO_MUX],
      'watchdog.service has it (iTCO_wdt, 30 s)',
      /systemctl disable --now watchdog.service/,
    ],
  ] as const)
    it(`is left to ${what}, and the plan says so`, () => {
      const { files, problems, drift } = look({ lines: [...lines, 'manager|0'] })
      assert.deepEqual([files, problems], [[], []])
      assert.deepEqual(
        drift.map((one) => [one.have, one.waits]),
        [[have, 'operator']],
      )
      assert.match(drift[0]?.hint ?? '', hint)
    })

  it('is as it should be where watchdog-mux feeds real hardware', () => {
    const lines = [DEVICE, TCO.replace('inactive|30', 'active|10'), HELD, MUX, 'manager|0']
    assert.deepEqual(look({ lines }), { files: [], problems: [], drift: [] })
  })

  it('takes its own file away where somebody else has it by now', () => {
    const { files } = look({ lines: [DEVICE, SOFT, HELD, MUX, 'manager|0'], files: { [WATCHDOG_FILE]: TEXT } })
    assert.deepEqual(files, [[WATCHDOG_FILE, undefined]])
  })

  it('may be another device than that of watchdog-mux', () => {
    const second = 'dog|watchdog1|iTCO_wdt|inactive|30|613|2|0'
    const wanted = { device: '/dev/watchdog1', timeoutSeconds: 60 }
    const lines = ['device|/dev/watchdog1|watchdog1', SOFT, second, HELD, MUX, 'manager|0']
    const { files, drift } = look({ lines, wanted })
    assert.match(String(files[0]?.[1]), /^WatchdogDevice=\/dev\/watchdog1$/m)
    assert.equal(drift[0]?.waits, undefined)
  })

  it('is not taken in place of another one that cannot be stopped: nobody would feed that one', () => {
    const first = (nowayout: number) => `dog|watchdog0|iTCO_wdt|active|60|613|2|${nowayout}`
    const second = 'dog|watchdog1|i6300ESB timer|inactive|30|2046|1|0'
    const problems = (nowayout: number, more: readonly string[], files = {}) => {
      const lines = [
        'device|/dev/watchdog1|watchdog1',
        first(nowayout),
        second,
        SYSTEMD,
        ...more,
        NO_MUX,
        'manager|1min',
      ]
      return look({ lines, files, wanted: { device: '/dev/watchdog1', timeoutSeconds: 60 } }).problems
    }
    assert.match(problems(1, []).join(), /^systemd feeds iTCO_wdt \(\/dev\/watchdog0\), which cannot be stopped/)
    assert.deepEqual(problems(0, []), [])
    const somebodys = ['held|watchdog1|900|watchdog|watchdog.service']
    assert.deepEqual(problems(1, somebodys), [])
    assert.equal(problems(1, somebodys, { [WATCHDOG_FILE]: TEXT }).length, 1)
  })

  it('saves a node whose watchdog counts while nobody feeds it', () => {
    const { files, drift } = look({ lines: [DEVICE, TCO.replace('inactive', 'active'), NO_MUX, 'manager|0'] })
    assert.equal(files.length, 1)
    assert.equal(drift[0]?.have, 'fed by nobody')
  })

  for (const [what, lines, seconds, problem] of [
    ['there is none', ['device|/dev/watchdog|-', NO_MUX], 60, /no watchdog at \/dev\/watchdog: no driver/],
    [
      'there is another one',
      ['device|/dev/watchdog|-', 'dog|watchdog3|iTCO_wdt|inactive|30|613|2|0', NO_MUX],
      60,
      /it has \/dev\/watchdog3 \(iTCO_wdt\)/,
    ],
    [
      'it cannot count so far',
      [DEVICE, TCO, NO_MUX],
      700,
      /counts to 613 s at most, and keeper.watchdog.timeout is 700 s/,
    ],
    ['it cannot count so little', [DEVICE, TCO, NO_MUX], 1, /counts to 2 s at least/],
  ] as const)
    it(`is a problem where ${what}`, () => {
      const { problems } = look({ lines: [...lines, 'manager|0'], wanted: { ...WISH, timeoutSeconds: seconds } })
      assert.match(problems.join(), problem)
    })

  it('is no problem of a timeout that somebody else sets', () => {
    const lines = [DEVICE, TCO, HELD, MUX, 'manager|0']
    assert.deepEqual(look({ lines, wanted: { ...WISH, timeoutSeconds: 5000 } }).problems, [])
  })

  it('is nothing that is known where the look failed', () => {
    const failed = { ...NOTHING, commands: new Map([['watchdog-look', { code: 127, stdout: '', stderr: '' }]]) }
    assert.equal(claimOf(failed), undefined)
    assert.equal(watchdog(node('n1'), WISH, {}).problems?.(failed).length, 1)
  })

  it('reads what is garbled without harm', () => {
    const dogs = watchdogsOf(seenOf({ lines: ['dog', 'dog|x', 'held|', 'mux', 'manager|soon', '|||', DEVICE] }))
    assert.deepEqual(dogs?.dogs, [{ name: 'x', identity: 'unknown', active: false, nowayout: false }])
    assert.deepEqual([dogs?.dog?.name, dogs?.runtimeSeconds, dogs?.holders], ['watchdog0', undefined, []])
  })

  it('is made under the guard, and is as wanted after it', async () => {
    let fed = false
    const fake = fakeHost({
      programs: {
        'watchdog-look': () => [DEVICE, TCO, NO_MUX, ...(fed ? [SYSTEMD, 'manager|1min'] : ['manager|0'])].join('\n'),
        'orion-watchdog': () => {
          fed = true
          return ''
        },
      },
    })
    const resource = fileSet(watchdog(node('n1'), WISH, wishOf([watchdogHostFacts(WISH)])))
    assert.equal(await resource.observe(fake.outside), undefined)
    await resource.create(fake.outside, fake.note)
    fake.outside.forget()
    assert.deepEqual(resource.diff(await resource.observe(fake.outside)), [])
    assert.equal(fake.files.get(WATCHDOG_FILE)?.text, TEXT)
  })

  describe('its programs', () => {
    const texts = (): string[] => {
      const set = watchdog(node('n1'), WISH, {})
      const activate = typeof set.activate === 'function' ? set.activate(NOTHING) : set.activate
      return [...Object.values(watchdogFacts('/dev/watchdog').commands ?? {}), ...activate].map((argv) => argv[2] ?? '')
    }

    it('are sound to shellcheck', async function () {
      await needs(this, ['shellcheck'])
      for (const text of texts()) {
        const { stdout } = spawnSync('shellcheck', ['-s', 'dash', '-'], { input: text, encoding: 'utf8' })
        assert.equal(stdout, '')
      }
    })

    it('see devices and who has them open (in a mount namespace of its own)', function () {
      if (spawnSync('unshare', ['-m', 'true']).status !== 0) this.skip()
      const dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
      try {
        writeFileSync(join(dir, 'look.sh'), texts()[0] ?? '')
        writeFileSync(join(dir, 'stage.sh'), STAGE)
        const stdout = execFileSync('unshare', ['-m', 'sh', join(dir, 'stage.sh'), join(dir, 'look.sh')], {
          encoding: 'utf8',
          timeout: 30_000,
        })
        const seen = watchdogsOf(seenOf({ lines: stdout.split('\n') }))
        assert.deepEqual(seen?.dog, {
          ...{ name: 'watchdog0', identity: 'Software Watchdog', active: true, nowayout: true },
          ...{ timeoutSeconds: 10, maxSeconds: 65535, minSeconds: 1 },
        })
        assert.deepEqual(seen?.dogs[1], {
          ...{ name: 'watchdog1', identity: 'iTCO_wdt', active: false, nowayout: false },
        })
        assert.deepEqual(
          seen?.holders.map(({ dog, command }) => [dog, command]),
          [['watchdog0', 'sleep']],
        )
      } finally {
        rmSync(dir, { recursive: true, force: true })
      }
    })

    it('keep a watchdog that cannot be stopped fed until the next restart, and no other', function () {
      if (spawnSync('unshare', ['-m', 'true']).status !== 0) this.skip()
      const dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
      const [, activate = ''] = texts()
      // Whatever is under /etc, /run and /proc/1 is the stage's own.
      const staged = activate
        .replaceAll('/run/systemd', `${dir}/run`)
        .replaceAll('/sys/class', `${dir}/sys`)
        .replaceAll('/proc/1/', `${dir}/one/`)
      writeFileSync(join(dir, 'systemctl'), `#!/bin/sh\necho "$@" >> ${dir}/said\n`, { mode: 0o755 })
      writeFileSync(join(dir, 'activate.sh'), staged)
      const run = (nowayout: string, has: boolean, file: boolean): string => {
        execFileSync('sh', [
          '-c',
          `cd ${dir} && rm -rf run sys one etc said && mkdir -p sys/watchdog/watchdog0 one/fd etc`,
        ])
        writeFileSync(join(dir, 'sys/watchdog/watchdog0/nowayout'), `${nowayout}\n`)
        if (has) execFileSync('ln', ['-s', '/dev/watchdog0', join(dir, 'one/fd/9')])
        if (file) writeFileSync(join(dir, 'etc/90-orion-watchdog.conf'), 'x')
        const argv = [join(dir, 'activate.sh'), join(dir, 'etc/90-orion-watchdog.conf'), 'watchdog0', 'kept\n']
        execFileSync('sh', argv, { env: { PATH: `${dir}:${process.env.PATH}` } })
        const left = spawnSync('cat', [join(dir, 'run/system.conf.d/90-orion-watchdog.conf')], {
          encoding: 'utf8',
        }).stdout
        return `${left.trim()} ${readFileSync(join(dir, 'said'), 'utf8').trim()}`.trim()
      }
      try {
        assert.equal(run('0', true, true), 'daemon-reexec')
        assert.equal(run('1', true, true), 'daemon-reexec')
        assert.equal(run('0', true, false), 'daemon-reexec')
        assert.equal(run('1', false, false), 'daemon-reexec')
        assert.equal(run('1', true, false), 'kept daemon-reexec')
      } finally {
        rmSync(dir, { recursive: true, force: true })
      }
    })
  })
})

/** /sys and /dev as a node has them; a file stands in for the device that is held, since no driver is there. */
const STAGE = `set -e
mount -t tmpfs t /sys/class
mkdir -p /sys/class/watchdog/watchdog0 /sys/class/watchdog/watchdog1
w() { printf '%s\\n' "$2" > "/sys/class/watchdog/$1"; }
w watchdog0/identity 'Software Watchdog'; w watchdog0/state active; w watchdog0/timeout 10; w watchdog0/max_timeout 65535
w watchdog0/min_timeout 1; w watchdog0/nowayout 1; w watchdog0/dev 248:0
w watchdog1/identity iTCO_wdt; w watchdog1/state inactive; w watchdog1/dev 248:1
mount -t tmpfs t /dev
mknod /dev/null c 1 3
mknod /dev/watchdog c 10 130
: > /dev/watchdog0
sleep 20 9</dev/watchdog0 & held=$!
sh "$1" /dev/watchdog
kill $held
`
