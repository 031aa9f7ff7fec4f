// The end of the Keeper and of its watchdog: only what is there goes, and what cannot be stopped is fed until the next restart.
import assert from 'node:assert/strict'
import { endedSets } from '../../../src/parts/keeper/ending.ts'
import { WATCHDOG_FILE } from '../../../src/parts/keeper/watchdog.ts'
import { keeperOf } from '../../../src/parts/keeper.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import { file } from '../../resources/fake-host.ts'
import { node, site } from '../../site/site-builder.ts'

const PROGRAM = '/usr/local/sbin/orion-keeper'
const LOOK =
  'device|/dev/watchdog|watchdog0\ndog|watchdog0|iTCO_wdt|active|60|613|2|NOWAYOUT\nheld|watchdog0|1|systemd|init.scope\n'

const seenOf = (files: Readonly<Record<string, string>>, nowayout = '0') => ({
  ...NOTHING,
  files: new Map(Object.entries(files).map(([path, text]) => [path, file(text)])),
  commands: new Map([
    ['watchdog-look', { code: 0, stdout: LOOK.replace('NOWAYOUT', nowayout), stderr: '' }],
    ['keeper-status', { code: 127, stdout: '', stderr: '' }],
  ]),
})

describe('parts/keeper/ending', () => {
  const [service, dog] = endedSets(node('n1'), { keeper: true, watchdog: true })
  const all = { keeper: { shed: [], balloonIdle: [] } }
  const ids = (...[of, ending]: [Parameters<typeof site>[0], boolean]) =>
    keeperOf({ ending })
      .resources(site({ ...of, nodes: [node('n1')] }), { restart: false })
      .map(({ id }) => id)

  it('is looked for only where that is asked for, and only of what is not named', () => {
    assert.deepEqual(ids({}, false), [])
    assert.deepEqual(ids({}, true), ['file-set:n1/keeper', 'file-set:n1/watchdog'])
    assert.deepEqual(ids(all, true), ['packages:n1/keeper', 'file-set:n1/keeper', 'file-set:n1/watchdog'])
    const wanted = { keeper: { ...all.keeper, watchdog: { device: '/dev/watchdog', timeoutSeconds: 60 } } }
    assert.deepEqual(ids(wanted, true), ids(wanted, false))
  })

  it('takes what is there, and nothing else', () => {
    assert.deepEqual(service?.files(seenOf({})), [])
    assert.deepEqual(service?.files(seenOf({ [PROGRAM]: 'x' })), [{ path: PROGRAM, text: undefined, opaque: true }])
    assert.deepEqual(dog?.files(seenOf({ [WATCHDOG_FILE]: 'x' })), [{ path: WATCHDOG_FILE, text: undefined }])
  })

  it('says what a node is without them', () => {
    assert.equal(service?.disrupts?.(seenOf({})), 'the Keeper for good (nobody sheds when n1 is hot)')
    assert.match(dog?.disrupts?.(seenOf({})) ?? '', /does not restart by itself/)
    assert.match(dog?.disrupts?.(seenOf({}, '1')) ?? '', /at the next restart, as iTCO_wdt .*nowayout/)
  })

  it('feeds one that cannot be stopped as it was, until the next restart', () => {
    const activate = dog?.activate
    assert.ok(typeof activate === 'function')
    const [argv = []] = activate(seenOf({ [WATCHDOG_FILE]: '[Manager]\n' }, '1'))
    assert.deepEqual(argv.slice(3), ['orion-watchdog', WATCHDOG_FILE, 'watchdog0', '[Manager]\n'])
  })

  it('knows it by who feeds it, as the site file does not name its device any more', () => {
    const second =
      'dog|watchdog1|iTCO_wdt|active|60|613|2|1\nheld|watchdog0|812|watchdog-mux|watchdog-mux.service\nheld|watchdog1|1|systemd|init.scope\n'
    const seen = {
      ...seenOf({ [WATCHDOG_FILE]: 'x' }),
      commands: new Map([
        ['watchdog-look', { code: 0, stdout: LOOK.replace('NOWAYOUT', '0').replace(/held.*\n/, second), stderr: '' }],
      ]),
    }
    const activate = dog?.activate
    assert.ok(typeof activate === 'function')
    assert.equal(activate(seen)[0]?.[5], 'watchdog1')
    assert.match(dog?.disrupts?.(seen) ?? '', /at the next restart, as iTCO_wdt .*nowayout/)
  })
})
