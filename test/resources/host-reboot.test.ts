// The restart of a host as a plan shows it, for every state of the host and every wish; and what is told to the host.
import assert from 'node:assert/strict'
import type { Difference } from '../../src/resource.ts'
import { wishOf } from '../../src/resources/host-facts.ts'
import { hostReboot } from '../../src/resources/host-reboot.ts'
import type { HostRebootOptions } from '../../src/resources/host-reboot-plan.ts'
import { parseReboot, REBOOT, rebootFacts } from '../../src/resources/host-reboot-state.ts'
import { fakeHost } from './fake-host.ts'

const PENDING: readonly Difference[] = [{ field: 'driver', have: 'nouveau', want: 'vfio-pci' }]
const WINDOW = '02:00-05:00'

const says = (state: string, more = '') => `state=${state}\nmode=now\nwindow=\nboot=a\nseconds=600\nreason=\n${more}`
const IN_WINDOW = says('armed', `mode=window\nwindow=${WINDOW}\n`)

const resource = (options: Partial<HostRebootOptions> = {}) =>
  hostReboot({
    host: 'n1',
    topic: 'gpu',
    needs: ['file-set:n1/gpu'],
    wish: wishOf([rebootFacts]),
    mode: 'never',
    changes: ['gpu', 'pinning'],
    pending: () => PENDING,
    disrupts: () => 'every guest of n1',
    hint: 'HOW',
    doctor: 'DOCTOR',
    wayBack: 'UNDO',
    timing: { limitMs: 400, everyMs: 1 },
    ...options,
  })

/** `field have → want`, and in brackets what it waits for. */
async function planned(state: string | undefined, options: Partial<HostRebootOptions>): Promise<readonly string[]> {
  const { outside } = fakeHost({ programs: state === undefined ? {} : { 'reboot-state': state } })
  const one = resource(options)
  const rows = one.diff(await one.observe(outside))
  return rows.map(
    ({ field, have = '', want = '', waits, hint, disrupts }) =>
      `${field}: ${have} → ${want}${waits ? ` (${waits}: ${hint})` : ''}${disrupts ? ` !${disrupts}` : ''}`,
  )
}

const WAITS = 'driver: nouveau → vfio-pci (operator: HOW)'
const NOW = 'driver: nouveau → vfio-pci !every guest of n1'
const NONE = { pending: () => [] }

describe('resources/host-reboot', () => {
  for (const [name, state, options, rows] of [
    ['nothing waits', undefined, { ...NONE, mode: 'now' }, []],
    ['it is not asked for', undefined, {}, [WAITS]],
    ['it is asked for', undefined, { mode: 'now' }, [NOW]],
    ['it was confirmed before', says('confirmed'), { mode: 'now' }, [NOW]],
    [
      'in the window',
      undefined,
      { mode: 'window', window: WINDOW },
      [
        `restart:  → in the window ${WINDOW} !every guest of n1`,
        `driver: nouveau → vfio-pci (operator: in the window ${WINDOW}, by itself)`,
      ],
    ],
    [
      'armed for the window',
      IN_WINDOW,
      { mode: 'window', window: WINDOW },
      [`driver: nouveau → vfio-pci (operator: by itself in the window ${WINDOW}; at once: HOW)`],
    ],
    [
      'armed for another window',
      IN_WINDOW,
      { mode: 'window', window: '01:00-02:00' },
      [
        `restart: in the window ${WINDOW} → in the window 01:00-02:00 !every guest of n1`,
        'driver: nouveau → vfio-pci (operator: in the window 01:00-02:00, by itself)',
      ],
    ],
    ['armed for the window, and nothing waits any more', IN_WINDOW, NONE, [`restart: in the window ${WINDOW} → none`]],
    ['armed for the window, asked for at once', IN_WINDOW, { mode: 'now' }, [NOW]],
    ['left armed by a run that was killed', says('armed'), {}, ['restart: not confirmed → confirmed', WAITS]],
    ['back, and not confirmed', says('booted'), { ...NONE }, ['restart: not confirmed → confirmed']],
    ['it went back, and is asked for again', says('restored'), { mode: 'now' }, [NOW]],
    ['it went back, and so does the operator', says('restored'), { isWayBack: true }, [WAITS]],
    ['it went back, and nothing waits', says('restored'), NONE, []],
  ] as const)
    it(name, async () => assert.deepEqual(await planned(state, options), rows))

  for (const [name, state, options, code, text] of [
    [
      'it went back',
      says('restored', 'reason=the bridge vmbr0 is not there\n'),
      {},
      'E_ROLLED_BACK',
      /vmbr0 is not there/,
    ],
    [
      'it went back, also for the window',
      says('restored'),
      { mode: 'window', window: WINDOW },
      'E_ROLLED_BACK',
      /not confirmed/,
    ],
    ['it could not go back', says('failed'), {}, 'E_ROLLED_BACK', /could not be put back/],
    ['it is going back now', says('restoring'), { mode: 'now' }, 'E_HOST_BUSY', /putting files back/],
    ['there is no window', undefined, { mode: 'window' }, 'E_HOST_FACTS', /nodes\.n1\.rebootWindow/],
    ['something speaks against it', undefined, { mode: 'now', problems: () => ['HA'] }, 'E_HOST_FACTS', /HA/],
  ] as const)
    it(`stops where ${name}`, async () => {
      await assert.rejects(
        planned(state, options as Partial<HostRebootOptions>),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, code)
          assert.match(error.message, text)
          return true
        },
      )
    })

  it('asks what speaks against it only where there is to be one', async () => {
    const problems = () => ['HA']
    assert.deepEqual(await planned(undefined, { problems }), [WAITS])
    assert.deepEqual(await planned(undefined, { ...NONE, problems, mode: 'now' }), [])
  })

  describe('at once', () => {
    /** A host that answers so, one after the other: boot id and state. */
    async function bring(
      answers: readonly (readonly [string, string])[],
      confirm = says('confirmed'),
      first = says('none'),
      stuck = false,
    ) {
      let at = -1
      const now = () => answers[Math.min(Math.max(at, 0), answers.length - 1)] ?? ['a', 'none']
      const fake = fakeHost({
        programs: {
          'reboot-state': first,
          [`${REBOOT} arm now 600 gpu pinning`]: says('armed'),
          [`${REBOOT} confirm`]: confirm,
          [`${REBOOT} cancel`]: says('none'),
          boot: () => {
            at += 1
            return now()[0]
          },
          state: () => now()[1],
        },
      })
      let isBack = false
      const one = resource({ mode: 'now', pending: () => (isBack && !stuck ? [] : PENDING) })
      const have = await one.observe(fake.outside)
      assert.ok(have)
      isBack = true
      await one.update(fake.outside, have, fake.note)
      return fake.calls.filter((call) => call.startsWith('run'))
    }

    it('arms, waits for another start, confirms', async () => {
      const calls = await bring([
        ['a', says('armed')],
        ['a', says('armed')],
        ['b', says('armed')],
        ['b', says('booted')],
      ])
      assert.deepEqual(calls, [`run ${REBOOT} arm now 600 gpu pinning`, `run ${REBOOT} confirm`])
    })

    it('says what the restart did not do, and who tells why', async () => {
      const stuck = bring([['b', says('booted')]], says('confirmed'), says('none'), true)
      await assert.rejects(stuck, {
        code: 'E_NOT_CONVERGED',
        message: /driver is nouveau, not vfio-pci/,
        suggestions: ['DOCTOR'],
      })
    })

    it('goes on where a run was killed, without another restart', async () => {
      assert.deepEqual(await bring([['b', says('booted')]], says('confirmed'), says('booted')), [
        `run ${REBOOT} confirm`,
      ])
    })

    for (const [name, answers, confirm, code, text] of [
      [
        'goes back',
        [
          ['b', says('restoring')],
          ['c', says('restored', 'reason=no port eno1\n')],
        ],
        '',
        'E_ROLLED_BACK',
        /no port eno1/,
      ],
      [
        'cannot go back',
        [
          ['b', says('restoring')],
          ['b', says('failed', 'reason=no space\n')],
        ],
        '',
        'E_ROLLED_BACK',
        /could not be put back: no space/,
      ],
      ['is called off', [['a', says('none')]], '', 'E_NOT_CONVERGED', /called off/],
      ['stays away', [['a', says('armed')]], '', 'E_HOST_LOST', /has not come back/],
      ['is never content', [['b', says('booted')]], says('booted'), 'E_HOST_LOST', /has not come back/],
    ] as const)
      it(`says it where the host ${name}`, async () => {
        await assert.rejects(bring(answers, confirm), (error: Error & { code?: string }) => {
          assert.equal(error.code, code)
          assert.match(error.message, text)
          return true
        })
      })
  })

  it('reads lines of a host, and takes nothing else for a state', () => {
    const { state, mode, window, reason } = parseReboot(says('restored', 'mode=window\nwindow=1\nreason=a=b; c\n'))
    assert.deepEqual([state, mode, window, reason], ['restored', 'window', '1', 'a=b; c'])
    for (const text of ['', 'state=', 'state=constructor', 'sh: not found'])
      assert.equal(parseReboot(text).state, 'none')
  })
})
