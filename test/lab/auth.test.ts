// Tickets and tokens: what is signed, what expires, what is refused.
import assert from 'node:assert/strict'
import { authenticate, hashSecret, matchesSecret, ticketHandler, Unauthorized } from '../../src/lab/auth.ts'
import type { World } from '../../src/lab/world.ts'
import { newWorldState } from '../../src/lab/world-file.ts'
import { hardware } from './lab-site.ts'

const key = 'key of this test'
const hours = 60 * 60 * 1000

function makeWorld(): World & { nowMs: number } {
  const state = newWorldState(hardware)
  state.access.users['a@pve'] = { enable: true, passwordHash: hashSecret('open sesame') }
  state.access.users['off@pve'] = { enable: false, passwordHash: hashSecret('open sesame') }
  state.access.tokens['a@pve!t'] = { secretHash: hashSecret('s3cret'), privsep: false, expire: 2_000_000 }
  state.access.tokens['off@pve!t'] = { secretHash: hashSecret('s3cret'), privsep: false, expire: 0 }
  return {
    state,
    nowMs: 1_000_000_000,
    changed() {},
    pace: 0,
    now() {
      return this.nowMs
    },
  }
}

function login(world: World, username: string, password: string, with_ = key): Record<string, string> {
  const call = {
    method: 'POST' as const,
    template: '/access/ticket',
    ids: {},
    who: { user: '' },
    world,
    allowed: () => true,
  }
  return ticketHandler(with_)({ ...call, params: { username, password } }) as Record<string, string>
}

const refused = (message: string) => (error: unknown) => {
  assert.ok(error instanceof Unauthorized)
  assert.equal(error.message, message)
  return true
}

describe('auth', () => {
  it('knows the user of a ticket for two hours', () => {
    const world = makeWorld()
    const cookie = `PVEAuthCookie=${login(world, 'a@pve', 'open sesame').ticket}`
    assert.deepEqual(authenticate(world, key, { method: 'GET', cookie }), { user: 'a@pve' })
    world.nowMs += 2 * hours - 1000
    assert.deepEqual(authenticate(world, key, { method: 'GET', cookie }), { user: 'a@pve' })
    world.nowMs += 2000
    assert.throws(
      () => authenticate(world, key, { method: 'GET', cookie }),
      refused('permission denied - invalid PVE ticket'),
    )
  })

  it('takes no ticket that another key signed, that was changed, or whose user was disabled', () => {
    const world = makeWorld()
    const { ticket = '' } = login(world, 'a@pve', 'open sesame')
    const wrong = [
      login(world, 'a@pve', 'open sesame', 'other').ticket,
      ticket.replace('a@pve', 'root@pam'),
      ticket.slice(0, -4),
      '',
    ]
    for (const text of wrong) {
      const cookie = `PVEAuthCookie=${text || 'x'}`
      assert.throws(
        () => authenticate(world, key, { method: 'GET', cookie }),
        refused('permission denied - invalid PVE ticket'),
      )
    }
    world.state.access.users['a@pve'] = { enable: false }
    assert.throws(() => authenticate(world, key, { method: 'GET', cookie: `PVEAuthCookie=${ticket}` }), Unauthorized)
  })

  it('takes no CSRF token of another user', () => {
    const world = makeWorld()
    world.state.access.users['b@pve'] = { enable: true, passwordHash: hashSecret('b') }
    const cookie = `PVEAuthCookie=${login(world, 'a@pve', 'open sesame').ticket}`
    const other = login(world, 'b@pve', 'b').CSRFPreventionToken
    const mistake = refused('Permission denied - invalid csrf token')
    assert.throws(() => authenticate(world, key, { method: 'POST', cookie, csrf: other }), mistake)
    assert.throws(() => authenticate(world, key, { method: 'DELETE', cookie }), mistake)
  })

  const logins: [string, string, boolean][] = [
    ['a@pve', 'open sesame', true],
    ['a@pve', 'open', false],
    ['a@pve', '', false],
    ['off@pve', 'open sesame', false],
    ['nobody@pve', '', false],
  ]
  for (const [user, password, right] of logins) {
    it(`${right ? 'lets' : 'does not let'} ${user} in with "${password}"`, () => {
      const run = () => login(makeWorld(), user, password)
      if (right) assert.equal(run().username, user)
      else assert.throws(run, { status: 401, message: 'authentication failure\n' })
    })
  }

  const tokens: [string, string | undefined][] = [
    ['PVEAPIToken=a@pve!t=s3cret', undefined],
    ['PVEAPIToken a@pve!t=s3cret', undefined],
    ['PVEAPIToken=a@pve!t=wrong', 'invalid token value!'],
    ['PVEAPIToken=off@pve!t=s3cret', "user 'off@pve' is disabled"],
    ['PVEAPIToken=a@pve!u=s3cret', "no such token 'u' for user 'a@pve'"],
    ['PVEAPIToken=nonsense', "no such user ('')"],
  ]
  for (const [authorization, message] of tokens) {
    it(authorization, () => {
      const run = () => authenticate(makeWorld(), key, { method: 'POST', authorization })
      if (message === undefined) assert.deepEqual(run(), { user: 'a@pve', token: 'a@pve!t' })
      else assert.throws(run, refused(message))
    })
  }

  it('takes no token after its end', () => {
    const world = makeWorld()
    world.nowMs = 2_000_001_000
    const authorization = 'PVEAPIToken=a@pve!t=s3cret'
    assert.throws(() => authenticate(world, key, { method: 'GET', authorization }), refused("token 't' access expired"))
  })

  it('knows nobody without credentials, and matches no secret without a hash', () => {
    assert.equal(authenticate(makeWorld(), key, { method: 'GET' }), undefined)
    assert.equal(matchesSecret('', undefined), false)
  })
})
