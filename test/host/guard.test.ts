// The guard from orion's side, against a real host: each way of going wrong ends with the host reachable and its files byte for byte as before.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { EXIT, type OrionError } from '../../src/errors.ts'
import { connectHost, type HostOptions } from '../../src/host/connect.ts'
import type { Change, ChangeOptions } from '../../src/host/guard.ts'
import { makeGuard } from '../../src/host/guard-client.ts'
import type { Host } from '../../src/host/host.ts'
import { type Lanes, openLanes } from '../hosts/lanes.ts'
import { startHost, type TestHost } from '../hosts/nspawn.ts'

const PROCESS = fileURLToPath(new URL('guard-process.ts', import.meta.url))
const INTERFACES = '/etc/network/interfaces'
const VMBR1 = '\nauto vmbr1\niface vmbr1 inet manual\n\tbridge-ports eno2\n\tbridge-stp off\n\tbridge-fd 0\n'
/** Enough for two busy cores; where nobody confirms, a test waits for the end of a shorter one. */
const SECONDS = 15
const SHORT = { confirmWithinSeconds: 6 }

interface Place {
  readonly machine: TestHost
  readonly host: Host
  readonly original: string
}

let open: Lanes<Place>
const machine = () => open.here().machine
const host = () => open.here().host
const original = () => open.here().original

const place = (at = machine()): Omit<HostOptions, 'signal'> => ({
  name: 'r730',
  addresses: [at.address],
  identityFile: at.identityFile,
  knownHosts: [at.knownHosts],
  proxyCommand: at.proxyCommand,
  config: '',
  agent: '',
  by: 'me@here (test)',
})
const connect = (signal = new AbortController().signal, at = machine()): Host => connectHost({ ...place(at), signal })

const change = (text: string, part: Partial<Change> = {}): Change => ({
  name: 'interfaces',
  files: [{ path: INTERFACES, text }],
  check: [['ifreload', '-a', '-s']],
  activate: [['ifreload', '-a']],
  confirmWithinSeconds: SECONDS,
  ...part,
})

/** Content with everything, and what was noted. */
function watching(prove: ChangeOptions['prove'] = async () => []): ChangeOptions & { readonly notes: string[] } {
  const notes: string[] = []
  return { notes, note: (text) => notes.push(text), prove }
}

const look = () =>
  machine().must([
    'sh',
    '-c',
    `stat -c '%a %U:%G %y' ${INTERFACES}; cat ${INTERFACES}; ip -br addr | awk '{print $1, $3}'`,
  ])

/** The change fails so, and the host is as before. */
async function assertBack(doing: Promise<unknown>, code: OrionError['code'], message: RegExp): Promise<void> {
  const before = await look()
  await assert.rejects(doing, (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && 'exit' in error, String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
    assert.equal(error.exit, code === 'E_INTERRUPTED' ? EXIT.interrupted : EXIT.rolledBack)
    return true
  })
  await machine().reachable()
  assert.equal(await look(), before)
}

/** As connect's guard, but it does not look for a lost host for long. */
function impatient(): Host['guard'] {
  const signal = new AbortController().signal
  const lost = connect()
  return makeGuard({ host: lost, late: lost, by: 'me', signal, marginMs: 500 })
}

async function make(lane: number): Promise<Place> {
  const started = await startHost({ name: `r730-${lane}` })
  return { machine: started, host: connect(undefined, started), original: await started.must(['cat', INTERFACES]) }
}

async function leave(made: Place): Promise<void> {
  await made.host.close()
  made.machine.stop()
}

describe('a guarded change', function () {
  this.timeout(60_000)
  open = openLanes({ lanes: 3, make, leave })
  const { story } = open

  story('knows of nothing where the guard never was', async () => {
    assert.deepEqual(await host().guard.states(), [])
    await assert.rejects(host().guard.undo('nothing', { ...watching(), confirmWithinSeconds: 9 }), { code: 'E_USAGE' })
  })

  story('is confirmed over a new connection, told step by step, and can be undone', async () => {
    const seen: Host[] = []
    const options = watching(async (fresh) => {
      seen.push(fresh)
      const [open] = await fresh.guard.states()
      const { by, leftSeconds = 0, until } = await fresh.guard.holder(open?.id ?? '')
      assert.equal(by, open?.by)
      assert.ok(leftSeconds > 0, String(leftSeconds))
      assert.match(until ?? '', /^\d\d:\d\d:\d\d$/)
      return (await fresh.run(['ip', 'link', 'show', 'vmbr1'])).code === 0 ? [] : ['no vmbr1']
    })
    await host().guard.change(change(original() + VMBR1), options)
    assert.ok(seen.length === 1 && seen[0] !== host())
    const [, , armed] = options.notes
    assert.match(armed ?? '', /^armed: r730 puts it back at \d\d:\d\d:\d\d unless confirmed$/)
    assert.deepEqual(options.notes, ['staged', 'checked', armed, 'confirmed'])
    const [state] = await host().guard.states()
    assert.deepEqual(
      { ...state, id: '', at: 0 },
      {
        id: '',
        at: 0,
        name: 'interfaces',
        state: 'confirmed',
        by: 'me@here (test)',
        reason: '',
        files: [INTERFACES],
      },
    )
    assert.ok(Math.abs(Number(state?.at) - Date.now() / 1000) < 60)
    await host().guard.undo(state?.id ?? '', { ...watching(), confirmWithinSeconds: SECONDS })
    assert.equal(await machine().must(['cat', INTERFACES]), original())
    assert.notEqual((await machine().exec(['ip', 'link', 'show', 'vmbr1'])).code, 0)
  })

  story('is refused for a broken stanza', () =>
    assertBack(
      host().guard.change(change(`${original()}\niface\n`), watching()),
      'E_GUARD_REFUSED',
      /^r730 refused the change of interfaces; nothing was touched:\n {2}ifreload -a -s ended with 1: ./,
    ),
  )

  story('is put back when the new file takes the address away', () =>
    assertBack(
      host().guard.change(change(original().replace(/\taddress.*\n/, ''), SHORT), watching()),
      'E_ROLLED_BACK',
      /^r730 put interfaces back; it is as before:\n {2}not confirmed\n {2}before that, seen from here: .+$/,
    ),
  )

  story('is put back at once, with the reasons, when the proof is not content', async () => {
    const reasons = ['tap100i0 is not on vmbr0', 'no route to 192.0.2.1']
    const options = watching(async () => reasons)
    await assertBack(
      host().guard.change(change(original() + VMBR1), options),
      'E_ROLLED_BACK',
      /^r730 put interfaces back; it is as before:\n {2}tap100i0 is not on vmbr0\n {2}no route to 192.0.2.1$/,
    )
    assert.equal(options.notes.at(-1), 'r730 puts it back')
    assert.match((await host().guard.states())[0]?.reason ?? '', /^tap100i0 is not on vmbr0\nno route/)
  })

  story('stands although the connection breaks while it is activated', async () => {
    const blink = ['sh', '-c', 'ip link set eno1 down; sleep 1; ip link set eno1 up']
    await host().guard.change(change(original(), { activate: [blink], confirmWithinSeconds: 20 }), watching())
    assert.equal((await host().guard.states())[0]?.state, 'confirmed')
  })

  story('is put back when the cable is cut for good; orion says that it could not see it', async () => {
    const before = await look()
    const cut = watching()
    const options = { ...cut, note: (text: string) => text.startsWith('armed') && machine().cable('down') }
    await assert.rejects(
      impatient().change(change(original() + VMBR1, SHORT), { ...options, note: (text) => void options.note(text) }),
      {
        code: 'E_ROLLED_BACK',
        message:
          /^r730 cannot be reached\. It was told to put interfaces back by itself at \d\d:\d\d:\d\d, which could not be seen from here$/,
      },
    )
    machine().cable('up')
    await machine().reachable()
    assert.equal(await look(), before)
  })

  story('is put back when the host is restarted before the confirmation', async () => {
    const options = watching(async () => {
      await machine().reboot()
      return []
    })
    await assertBack(
      host().guard.change(change(original() + VMBR1, { confirmWithinSeconds: 45 }), options),
      'E_ROLLED_BACK',
      /^r730 put interfaces back; it is as before:\n {2}restarted$/,
    )
  })

  story('is put back at once after Ctrl-C', async () => {
    const stop = new AbortController()
    const options = watching(async () => {
      stop.abort()
      return ['not yet']
    })
    await assertBack(
      connect(stop.signal).guard.change(change(original() + VMBR1), options),
      'E_INTERRUPTED',
      /^Interrupted while interfaces of r730 was changed: r730 is as before$/,
    )
  })

  story('is put back when orion is killed; others are told who and until when, and can go on then', async () => {
    const before = await look()
    const given = JSON.stringify({ place: place(), change: change(original() + VMBR1, SHORT) })
    const orion = spawn(process.execPath, ['--import', 'tsx', PROCESS, given], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      for await (const text of orion.stdout) if (String(text).includes('proving')) break
    } finally {
      orion.kill('SIGKILL')
    }
    await once(orion, 'exit')
    assert.notEqual(await look(), before)
    await assert.rejects(host().guard.change(change(original()), watching()), {
      code: 'E_HOST_BUSY',
      exit: EXIT.rolledBack,
      message:
        /^interfaces on r730 was not changed: me@here \(test\) is changing the host, until \d\d:\d\d:\d\d at the latest$/,
    })
    await machine().must([
      'sh',
      '-c',
      'for i in $(seq 100); do ls /var/lib/orion/guard/*/is-armed >/dev/null 2>&1 || exit 0; sleep 0.1; done; exit 1',
    ])
    assert.equal(await look(), before)
    await host().guard.change(change(original()), watching())
  })

  story('is one of two at once', async () => {
    const other = connect()
    const both = [host(), other].map((one) => one.guard.change(change(original()), watching()))
    const results = await Promise.allSettled(both)
    await other.close()
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    assert.equal(failed.length, 1)
    assert.equal(failed[0].code, 'E_HOST_BUSY')
  })

  story('is refused, and leaves nothing, where the disk is full', async () => {
    await machine().must(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/var/lib/orion'])
    try {
      const big = change(original() + '#'.repeat(200_000))
      await assertBack(
        host().guard.change(big, watching()),
        'E_GUARD_REFUSED',
        /^r730 refused the change of interfaces; nothing was touched:\n.*No space left on device.*$/s,
      )
      assert.equal(await machine().must(['ls', '-A', '/var/lib/orion/guard']), '')
    } finally {
      await machine().must(['umount', '/var/lib/orion'])
    }
  })
})
