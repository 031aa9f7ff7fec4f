// The cores of a node's guests: differences, the one call that resolves them, and what stands in the way.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import type { Difference, Outside } from '../../src/resource.ts'
import { cpuPins } from '../../src/resources/cpu-pins.ts'
import { type Config, fakeCluster, guestAnswers } from './fake-cluster.ts'
import { type Answer, fakeHost } from './fake-host.ts'
import { testGuest, testSite, UUID } from './test-site.ts'

const HOOK = 'local:snippets/orion-cores.sh'
const SMBIOS = `uuid=${UUID}`
const PIN = { cores: 2, exclusive: true, realtime: false }

interface Wish {
  readonly isPinned?: false
  readonly affinity?: string
  readonly isOwn?: true
  readonly hook?: string
  readonly live?: readonly Difference[]
  readonly problems?: readonly string[]
}
interface There {
  readonly config?: Config | undefined
  readonly running?: boolean
  readonly node?: string
  readonly programs?: Readonly<Record<string, Answer>>
}

function world({ isPinned, affinity, isOwn, hook, live = [], problems = [] }: Wish, there: There) {
  const guest = testGuest(isPinned === false ? {} : { pin: PIN })
  const { config, running = true, node = 'n1', programs = { 'orion-cpu-pins': '' } } = there
  const answers =
    config === undefined
      ? { 'GET /cluster/resources': [] }
      : guestAnswers('qemu', {
          vmid: 100,
          running,
          node,
          config: { tags: 'orion;orion-lab', smbios1: SMBIOS, ...config },
        })
  const cluster = fakeCluster(answers)
  const host = fakeHost({ programs })
  const outside: Outside = { ...cluster.outside, host: host.outside.host }
  const resource = cpuPins({
    site: testSite({ guests: [guest] }),
    node: 'n1',
    needs: [],
    wish: {},
    choose: () => ({ pins: [{ guest, affinity, isOwn, hook, live }], problems }),
    isOurs: (volume) => volume === HOOK,
    command: ['sh', '-c', '…', 'orion-cpu-pins'],
  })
  const note = () => undefined
  return {
    calls: host.calls,
    differences: async () => resource.diff(await resource.observe(outside)),
    update: async () => {
      const have = await resource.observe(outside)
      assert.ok(have)
      await resource.update(outside, have, note)
    },
  }
}

const shown = ({ field, have = '-', want = '-', waits, immutable }: Difference) =>
  `${field} ${have}→${want}${waits ? ` !${waits}` : ''}${immutable ? ' !immutable' : ''}`
const THREADS: Difference = { field: 'CPUs of running web', have: '0-7', want: '2-3' }

const ROWS: readonly { title: string; wish: Wish; there: There; differences: readonly string[]; words?: string }[] = [
  { title: 'as wanted', wish: { affinity: '2-3' }, there: { config: { affinity: '2-3' } }, differences: [] },
  {
    title: 'stored and pending: in force by its threads',
    wish: { affinity: '2-3' },
    there: { config: { affinity: ['0-1', '2-3'] } },
    differences: [],
  },
  {
    title: 'a guest that is not there yet',
    wish: { affinity: '2-3', hook: HOOK, live: [THREADS] },
    there: {},
    differences: ['affinity of web -→2-3', `hookscript of web -→${HOOK}`],
  },
  {
    title: 'none yet, running',
    wish: { affinity: '2-3', hook: HOOK, live: [THREADS] },
    there: { config: {} },
    differences: ['affinity of web -→2-3', `hookscript of web -→${HOOK}`, 'CPUs of running web 0-7→2-3'],
    words: `100 d1 2-3 ${HOOK}`,
  },
  {
    title: 'threads alone',
    wish: { affinity: '2-3', live: [THREADS] },
    there: { config: { affinity: '2-3' } },
    differences: ['CPUs of running web 0-7→2-3'],
    words: '100 d1 = =',
  },
  {
    title: 'stopped: no threads',
    wish: { affinity: '2-3', live: [THREADS] },
    there: { config: { affinity: '2-3' }, running: false },
    differences: [],
  },
  {
    title: 'nothing any more',
    wish: { affinity: '' },
    there: { config: { affinity: '2-3', hookscript: HOOK } },
    differences: ['affinity of web 2-3→-', `hookscript of web ${HOOK}→-`],
    words: '100 d1 - -',
  },
  {
    title: 'what is left of somebody’s own',
    wish: { affinity: '2', isOwn: true },
    there: { config: { affinity: '2-3' } },
    differences: ['affinity of web 2-3→2'],
    words: '100 d1 own:2 =',
  },
  {
    title: 'somebody’s own hookscript',
    wish: { affinity: '2-3' },
    there: { config: { affinity: '2-3', hookscript: 'local:snippets/mine.pl' } },
    differences: [],
  },
  {
    title: 'somebody’s own hookscript, which stays',
    wish: { affinity: '2-3' },
    there: { config: { affinity: '0-1', hookscript: 'local:snippets/mine.pl' } },
    differences: ['affinity of web 0-1→2-3'],
    words: '100 d1 2-3 =',
  },
  {
    title: 'somebody’s own hookscript in the way of ours',
    wish: { affinity: '2-3', hook: HOOK },
    there: { config: { affinity: '2-3', hookscript: 'local:snippets/mine.pl' } },
    differences: [`hookscript of web local:snippets/mine.pl→${HOOK} !immutable`],
  },
  {
    title: 'on another node',
    wish: { affinity: '2-3', live: [THREADS] },
    there: { config: {}, node: 'n2' },
    differences: ['node of web n2→n1 !operator'],
  },
]

describe('resources/cpu-pins', () => {
  for (const { title, wish, there, differences, words } of ROWS)
    it(title, async () => {
      const { differences: look, update, calls } = world(wish, there)
      assert.deepEqual((await look()).map(shown), differences)
      if (words === undefined) return
      await update()
      assert.deepEqual(
        calls.filter((call) => call.startsWith('run ')),
        [`run sh -c … orion-cpu-pins ${words}`],
      )
    })

  it('says nothing of a guest elsewhere that only keeps off cores here', async () => {
    const { differences } = world({ isPinned: false, affinity: '0-1' }, { config: {}, node: 'n2' })
    assert.deepEqual(await differences(), [])
  })

  it('cannot be looked at where the cores cannot be chosen', async () => {
    await assert.rejects(world({ problems: ['none is left'] }, {}).differences(), (error) => {
      assert.ok(error instanceof OrionError)
      assert.deepEqual([error.code, /none is left/.test(error.message)], ['E_HOST_FACTS', true])
      return true
    })
  })

  for (const [stderr, code, recheck] of [
    ["100: can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout\n", 'E_PVE_BUSY', true],
    ['100: no such file\norion-cores: taskset: failed\n', 'E_HOST_COMMAND', false],
  ] as const)
    it(`tells what the node said: ${code}`, async () => {
      const programs = { 'orion-cpu-pins': { code: 1, stderr } }
      await assert.rejects(world({ affinity: '2-3' }, { config: {}, programs }).update(), (error) => {
        assert.ok(error instanceof OrionError)
        assert.deepEqual([error.code, error.recheck], [code, recheck])
        assert.match(error.message, /^not every guest of n1 is on its cores: 100: [^\n]+$/)
        return true
      })
    })
})
