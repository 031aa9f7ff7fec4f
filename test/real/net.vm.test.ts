// Proof on real hosts that a network change cannot lock the operator out: whatever goes wrong, the host is reachable
// afterwards, its files are byte for byte as before, and orion says so with exit code 4.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { execa } from 'execa'
import { BIN, type Ran } from '../commands/orion.ts'
import { startHost, withHosts } from '../hosts/nspawn.ts'
import { assertAsBefore, ELSEWHERE, filesOf, interfaces, newOperatorOf, Stage, WINDOW_S } from './net-stage.ts'

/** A gateway that does not answer. */
const NOBODY = '10.77.77.77'
/** A window in which a second orion surely comes to the host, also on a busy machine. */
const LONG_S = 30

interface Mishap {
  /** Files are only compared where nobody has edited them on purpose. */
  readonly edited?: string
  readonly title: string
  /** Part of what orion says. */
  readonly says: RegExp
  run(stage: Stage): Promise<Ran>
}

const MISHAPS: readonly Mishap[] = [
  {
    title: 'the new file takes away the management address',
    says: /put interfaces back/,
    run: (stage) => stage.apply({ address: ELSEWHERE }),
  },
  {
    title: 'the management address moves to a port without a cable',
    says: /put interfaces back/,
    run: (stage) => {
      stage.host.cable('down', 'eno3')
      return stage.apply({ mgmt: 'eno3' })
    },
  },
  {
    title: 'a port name with a typo',
    says: /eno22/,
    run: (stage) => stage.apply({ lan: 'eno22' }),
  },
  {
    title: 'a broken stanza',
    edited: '\niface\n',
    says: /interfaces/,
    run: async (stage) => {
      await stage.host.must(['sh', '-c', 'printf "\\niface\\n" >> /etc/network/interfaces'])
      return stage.apply()
    },
  },
  {
    title: 'a wrong gateway',
    says: /gateway/,
    run: (stage) => stage.apply({ gateway: NOBODY }),
  },
  {
    title: 'the cable of the operator cut for good',
    says: /put.* back/,
    run: async (stage) => {
      const run = stage.apply()
      await stage.swapped()
      stage.host.cable('down')
      const ran = await run
      await stage.restored()
      stage.host.cable('up')
      return ran
    },
  },
  {
    title: 'the host restarted before the confirmation',
    says: /restarted/,
    run: async (stage) => {
      const run = stage.apply()
      await stage.swapped()
      stage.host.cable('down')
      await stage.host.powerFail()
      stage.host.cable('up')
      return run
    },
  },
  {
    title: 'disk full while staging',
    says: /[Nn]o space/,
    run: async (stage) => {
      await stage.host.must(['sh', '-c', 'mkdir -p /var/lib/orion && mount -t tmpfs -o size=16k tmpfs /var/lib/orion'])
      const ran = await stage.apply()
      await stage.host.must(['umount', '/var/lib/orion'])
      return ran
    },
  },
]

async function mishap(stage: Stage, { run, says, edited }: Mishap): Promise<void> {
  const before = await filesOf(stage.host)
  const ran = await run(stage)
  assert.equal(ran.exit, 4, `${ran.out}\n${ran.err}`)
  assert.match(`${ran.out}\n${ran.err}`, says)
  if (edited === undefined) return assertAsBefore(stage, before)
  const own = `${interfaces(stage.host.address)}${edited}`
  assert.equal(await stage.host.must(['cat', '/etc/network/interfaces']), own)
}

async function killed(stage: Stage): Promise<void> {
  const before = await filesOf(stage.host)
  const { home } = stage.operator
  const env = { HOME: home, XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: join(home, 'config') }
  const child = execa(process.execPath, [BIN, ...stage.words({ gateway: NOBODY }, LONG_S)], {
    env,
    reject: false,
    stdin: 'ignore',
    cwd: home,
  })
  await stage.swapped()
  child.kill('SIGKILL')
  await child
  const second = await stage.apply()
  assert.equal(second.exit, 4, `${second.out}\n${second.err}`)
  assert.match(`${second.out}\n${second.err}`, /orion net apply/)
  await stage.restored()
  await assertAsBefore(stage, before)
  const third = await stage.apply()
  assert.equal(third.exit, 0, `${third.out}\n${third.err}`)
}

async function twice(stage: Stage): Promise<void> {
  const before = await filesOf(stage.host)
  const other = newOperatorOf(stage.host)
  try {
    const first = stage.apply({ gateway: NOBODY }, stage.operator, LONG_S)
    await stage.swapped()
    const second = await stage.apply({ lan: 'eno3' }, other)
    assert.equal(second.exit, 4, `${second.out}\n${second.err}`)
    assert.match(`${second.out}\n${second.err}`, /orion net apply/)
    assert.equal((await first).exit, 4)
    await assertAsBefore(stage, before)
  } finally {
    other.leave()
  }
}

async function good(stage: Stage): Promise<void> {
  const { host } = stage
  await host.must(['sh', '-c', 'ip tuntap add tap100i0 mode tap && ip link set tap100i0 master vmbr0 up'])
  const first = await stage.apply()
  assert.equal(first.exit, 0, `${first.out}\n${first.err}`)
  assert.match(await host.must(['ip', '-br', 'addr', 'show', 'vmbr1']), /10\.78\.0\.2\/24/)
  assert.match(await host.must(['ip', 'link', 'show', 'eno2']), /master vmbr1/)
  assert.match(await host.must(['ip', 'link', 'show', 'tap100i0']), /master vmbr0/)
  const file = await host.must(['cat', '/etc/network/interfaces'])
  for (const line of ['# made by hand\nauto lo\n', '#the way in\n', '# the spare port\n'])
    assert.ok(file.includes(line))
  const second = await stage.apply()
  assert.equal(second.exit, 0)
  assert.match(second.out, /0 to create, 0 to change/)
  const undo = ['net', 'undo', host.name, '--yes', '--confirm-within', `${WINDOW_S}s`, '--site', stage.site({})]
  const undone = await stage.operator.run(undo)
  assert.equal(undone.exit, 0, `${undone.out}\n${undone.err}`)
  assert.equal(await host.must(['cat', '/etc/network/interfaces']), interfaces(host.address))
  assert.match(await host.must(['ip', 'link', 'show', 'tap100i0']), /master vmbr0/)
}

const STORIES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  ...Object.fromEntries(
    MISHAPS.map((one) => [`${one.title}: as before, exit 4`, (stage: Stage) => mishap(stage, one)] as const),
  ),
  'orion killed right after the swap: the host restores itself, and the next run does it': killed,
  'two orions at once: the second is told who is at it, and changes nothing': twice,
  'the good case: bridges up, guests keep their ports and others their stanzas, then 0 changes, then undo': good,
}

describe('a network change on real hosts', function () {
  // Most of each is waiting for the host's timer: several run at once, each on a host of its own, and every test waits for its own.
  this.timeout(240_000)
  const AT_ONCE = 4
  const ends = new Map<string, Promise<void>>()

  before(async function () {
    await withHosts(this)
    const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve())
    for (const [index, [title, story]] of Object.entries(STORIES).entries()) {
      const end = (lanes[index % AT_ONCE] ?? Promise.resolve()).then(() => play(`story${index}`, story))
      ends.set(title, end)
      lanes[index % AT_ONCE] = end.catch(() => undefined)
    }
  })

  async function play(name: string, story: (stage: Stage) => Promise<void>): Promise<void> {
    const stage = new Stage(await startHost({ name, interfaces }))
    try {
      await story(stage)
    } finally {
      stage.operator.leave()
      stage.host.stop()
    }
  }

  for (const title of Object.keys(STORIES)) it(title, async () => ends.get(title))
})
