// A guest as a host: absent, stopped, just started, or running for long.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import type { Outside, Resource } from '../../src/resource.ts'
import { guestHost, onGuest } from '../../src/resources/guest-host.ts'
import { device } from '../site/site-builder.ts'
import { type FakeHostOptions, fakeHost } from './fake-host.ts'
import { testGuest, testSite } from './test-site.ts'

const ROUTER = testGuest({ name: 'router', vmid: 200 })
const SITE = testSite({ guests: [ROUTER] })
const QUICK = { limitMs: 600_000, everyMs: 1 }

interface State {
  readonly status?: string
  readonly uptime?: number
  readonly tags?: string
  /** What its configuration says, asked again and again; the last one stays. */
  readonly pending?: readonly Readonly<Record<string, string>>[]
}

/** A host behind a guest that the API says is there. `refusals`: what connecting comes to, one after another, before it works. */
function outsideOf(state: State | undefined, refusals: OrionError['code'][] = [], options: FakeHostOptions = {}) {
  const fake = fakeHost({ name: 'router', programs: { 'cloud-init': '' }, ...options })
  const tags = 'orion;orion-lab'
  const { pending = [{}], ...row } = state ?? {}
  const rows = state ? [{ vmid: 200, name: 'router', status: 'running', tags, ...row }] : []
  const configurations = pending.map((one) => Object.entries(one).map(([key, value]) => ({ key, value })))
  const asked = { $get: async () => (configurations.length > 1 ? configurations.shift() : configurations[0]) }
  const qemu = { $get: async () => rows, $: () => ({ pending: asked }) }
  const listed = rows.map(({ name }) => ({ id: 'qemu/200', type: 'qemu', node: 'n1', name }))
  const api = {
    cluster: { resources: { $get: async () => listed } },
    nodes: { $: () => ({ qemu, lxc: { $get: async () => [] } }) },
  }
  const cluster = { name: 'Lab', api, once: <T>(_: string, read: () => Promise<T>) => read() }
  const host = {
    ...fake.host,
    ends: async () => {
      fake.calls.push('ends')
      const code = refusals.shift()
      if (code) throw new OrionError('not yet', { code })
      return { client: '10.0.0.9', server: '10.0.0.1' }
    },
  }
  const outside = {
    ...fake.outside,
    host: async () => host,
    pve: { ...fake.outside.pve, cluster: () => cluster },
  } as unknown as Outside
  return { fake, outside }
}

const inner = (calls: string[]): Resource<string> => ({
  id: 'file-set:router/x',
  title: 'x of router',
  needs: ['packages:router/debian'],
  observe: async () => {
    calls.push('observe')
    return 'seen'
  },
  diff: (have) => (have === undefined ? [{ field: 'x', want: '1' }] : []),
  create: async () => void calls.push('create'),
  update: async () => void calls.push('update'),
  remove: async () => void calls.push('remove'),
})

describe('resources/guest-host', () => {
  it('needs the guest, and is otherwise the same', () => {
    const wrapped = onGuest(SITE, ROUTER, inner([]), { alone: false })
    assert.deepEqual(wrapped.needs, ['vm:n1/200', 'packages:router/debian'])
    const withCard = { ...SITE, devices: [device('gpu', { node: 'n1', guest: ROUTER.name })] }
    const last = onGuest(withCard, ROUTER, inner([]), { alone: false })
    assert.deepEqual(last.needs, ['vm:n1/200', 'guest-devices:n1/200', 'packages:router/debian'])
    assert.equal(wrapped.id, 'file-set:router/x')
  })

  const down: readonly [string, State | undefined, RegExp, RegExp][] = [
    ['absent', undefined, /^router \(VM 200 on n1\) does not exist yet$/, /^orion vm apply --only router$/],
    ['stopped', { status: 'stopped' }, /^router \(VM 200 on n1\) is stopped$/, /^orion vm start router$/],
    ['paused', { status: 'paused' }, /^router \(VM 200 on n1\) does not run: its state is paused$/, /look at n1/],
  ]
  for (const [title, state, message, suggestion] of down) {
    it(`is an error alone where the guest is ${title}, and all new where this run starts it`, async () => {
      const { fake, outside } = outsideOf(state)
      const isDown = (error: unknown) =>
        error instanceof OrionError &&
        error.code === 'E_HOST_UNREACHABLE' &&
        message.test(error.message) &&
        suggestion.test(error.suggestions.join())
      await assert.rejects(onGuest(SITE, ROUTER, inner(fake.calls), { alone: true }).observe(outside), isDown)
      await assert.rejects(guestHost(SITE, ROUTER, outside), isDown)
      const wrapped = onGuest(SITE, ROUTER, inner(fake.calls), { alone: false })
      assert.equal(await wrapped.observe(outside), undefined)
      assert.deepEqual(wrapped.diff(undefined), [{ field: 'x', want: '1' }])
      await assert.rejects(wrapped.create(outside, fake.note), isDown)
      const off = { ...ROUTER, started: false }
      await assert.rejects(onGuest(SITE, off, inner(fake.calls), { alone: false }).observe(outside), isDown)
      assert.deepEqual(fake.calls, [])
    })
  }

  it('asks ahead, of a guest that is still to come, what can be known without it', async () => {
    const ahead = async () => {
      throw new OrionError('not set', { code: 'E_SECRET' })
    }
    const wrapped = onGuest(SITE, ROUTER, inner([]), { alone: false, ahead })
    await assert.rejects(wrapped.observe(outsideOf(undefined).outside), { code: 'E_SECRET' })
    assert.equal(await wrapped.observe(outsideOf({ uptime: 4000 }).outside), 'seen')
  })

  it('does not touch a guest of somebody else', async () => {
    const { fake, outside } = outsideOf({ tags: '' })
    for (const alone of [true, false])
      await assert.rejects(onGuest(SITE, ROUTER, inner(fake.calls), { alone }).observe(outside), { code: 'E_FOREIGN' })
    assert.deepEqual(fake.calls, [])
  })

  it('waits for one that a killed run is still making: whose it is, is not known before', async () => {
    const made = { tags: 'orion;orion-lab', smbios1: `uuid=${ROUTER.uuid}` }
    const { fake, outside } = outsideOf({ tags: '', status: 'stopped', pending: [{ lock: 'create' }, made] })
    assert.equal(await onGuest(SITE, ROUTER, inner(fake.calls), { alone: false }).observe(outside), undefined)
  })

  it('waits for one that was just started, until it answers and its first start is over', async () => {
    const { fake, outside } = outsideOf({ uptime: 5 }, ['E_HOST_UNREACHABLE', 'E_HOST_AUTH', 'E_HOST_LOST'])
    const wrapped = onGuest(SITE, ROUTER, inner(fake.calls), { alone: true, patience: QUICK })
    assert.equal(await wrapped.observe(outside), 'seen')
    await wrapped.create(outside, fake.note)
    const wait = ['ends', 'ends', 'ends', 'ends', 'run cloud-init status --wait']
    assert.deepEqual(fake.calls, [...wait, 'observe', 'create'])
  })

  it('does not wait for what no time mends, nor longer than its time', async () => {
    for (const [code, patience] of [
      ['E_HOST_KEY', QUICK],
      ['E_HOST_UNREACHABLE', { limitMs: 6_000, everyMs: 5_000 }],
    ] as const) {
      const { fake, outside } = outsideOf({ uptime: 5 }, [code])
      await assert.rejects(guestHost(SITE, ROUTER, outside, patience), { code })
      assert.deepEqual(fake.calls, ['ends'])
    }
  })

  it('does not ask one that runs for long whether it is up', async () => {
    const { fake, outside } = outsideOf({ uptime: 4000 }, ['E_HOST_UNREACHABLE'])
    assert.equal(await onGuest(SITE, ROUTER, inner(fake.calls), { alone: true }).observe(outside), 'seen')
    assert.deepEqual(fake.calls, ['observe'])
  })

  it('takes a system without cloud-init as it is', async () => {
    const { outside } = outsideOf({ uptime: 5 }, [], { programs: {} })
    const host = await outside.host('router')
    const run: typeof host.run = async (argv, options) => {
      assert.deepEqual([argv[0], options?.accept?.includes(127)], ['cloud-init', true])
      return { code: 127, stdout: '', stderr: '' }
    }
    await guestHost(SITE, ROUTER, { ...outside, host: async () => ({ ...host, run }) }, QUICK)
  })
})
