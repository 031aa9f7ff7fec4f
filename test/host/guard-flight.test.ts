// A guarded change in flight, over hosts that are words: what is told where the connection, the clock or a person is quicker than orion.
import assert from 'node:assert/strict'
import { type Code, EXIT, OrionError } from '../../src/errors.ts'
import { type Flight, fly } from '../../src/host/guard-flight.ts'
import { fakeHost } from '../resources/fake-host.ts'

type Said = string | OrionError
type Script = Readonly<Partial<Record<'start' | 'follow' | 'confirm' | 'restore', readonly Said[]>>>

const ARMED = 'checked\narmed 60 0'
const ACTIVE = 'state active 60 0 -'
const CONFIRMED = 'state confirmed - 0 -'
const fail = (code: Code) => new OrionError('the line is dead', { code })

/** Flies against answers in turn, the last one again and again. Returns what the guard was asked. */
async function flight(script: Script, problems: readonly string[] = [], seconds = 2): Promise<readonly string[]> {
  const asked: string[] = []
  const { host: plain } = fakeHost({ name: 'r730' })
  const host: typeof plain = {
    ...plain,
    fresh: async () => host,
    run: async ([, sub = '']) => {
      asked.push(sub)
      const answers = script[sub as keyof Script] ?? []
      const said = answers[Math.min(asked.filter((one) => one === sub).length, answers.length) - 1] ?? ''
      if (said instanceof OrionError) throw said
      return { code: 0, stdout: `${said}\n`, stderr: '' }
    },
  }
  const options = { note: () => {}, prove: async () => problems }
  const rest = { windowSeconds: seconds, checkMs: 1000, marginMs: 0, options }
  const one: Flight = { id: 'x', name: 'interfaces', host, late: host, ...rest }
  await fly(one)
  return asked
}

describe('a guarded change in flight', function () {
  this.timeout(20_000)

  it('is waited for as long as the host is at work', async () => {
    const working = Array.from({ length: 5 }, () => 'state working 60 0 -')
    const asked = await flight({ start: [ARMED], follow: [...working, ACTIVE], confirm: ['confirmed'] })
    assert.equal(asked.filter((one) => one === 'follow').length, 6)
  })

  it('is put back where nobody is at work on the host', () =>
    assert.rejects(flight({ start: [ARMED], follow: ['state armed 60 0 -'], restore: ['state restored - 0 -'] }), {
      code: 'E_ROLLED_BACK',
      message: /not carried through/,
    }))

  it('is confirmed once more where the answer was lost', async () => {
    const confirm = [fail('E_HOST_LOST'), 'confirmed']
    const asked = await flight({ start: [ARMED], follow: [ACTIVE], confirm })
    assert.deepEqual(asked, ['start', 'follow', 'confirm', 'confirm'])
  })

  it('is not called put back where the confirmation may have arrived', () =>
    assert.rejects(flight({ start: ['armed 1 0'], follow: ['state active 1 0 -'], confirm: [fail('E_HOST_LOST')] }), {
      code: 'E_HOST_LOST',
      exit: EXIT.failed,
      message: /^r730 cannot be reached\. .* either does, or has put it back/,
    }))

  it('is not begun where the host cannot be reached to begin it', () =>
    assert.rejects(flight({ start: [fail('E_HOST_UNREACHABLE')] }), { code: 'E_HOST_UNREACHABLE', exit: EXIT.failed }))

  it('is told as it is where the host was first', () =>
    assert.rejects(
      flight({ start: [ARMED], follow: [ACTIVE], confirm: ['state restored - 0 bm90IGNvbmZpcm1lZA=='] }),
      (error: OrionError) => {
        assert.equal(error.code, 'E_ROLLED_BACK')
        assert.equal(error.message, 'r730 put interfaces back; it is as before:\n  not confirmed')
        assert.match(error.suggestions.join(), /^no new connection came through: does a firewall still let SSH in/)
        return true
      },
    ))

  it('stands where a person on the host was first, which is said', () =>
    assert.rejects(
      flight({ start: ['armed 4 0'], follow: ['state active 4 0 -'], restore: [CONFIRMED] }, ['no route']),
      {
        code: 'E_NOT_CONVERGED',
        message: /was confirmed by somebody on the host, so it stands, although:\n {2}no route$/,
      },
    ))
})
