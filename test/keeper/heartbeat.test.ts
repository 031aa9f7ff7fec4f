// The heartbeat over a serial port (a pseudo-terminal): its lines, the answers, a port that goes away and comes back.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { run, within } from '../hosts/inside.ts'
import { makeStage, type Stage, type StageOptions } from './stage.ts'

const PTY = fileURLToPath(new URL('pty.pl', import.meta.url))

interface Port {
  readonly path: string
  readonly lines: string[]
  say(text: string): void
  close(): Promise<void>
}

async function openPort(): Promise<Port> {
  const child: ChildProcess = spawn('perl', [PTY])
  const lines: string[] = []
  if (!child.stdout) throw new Error('no output')
  const reader = createInterface(child.stdout)
  const [path] = await once(reader, 'line')
  reader.on('line', (line) => lines.push(line))
  const closed = once(child, 'close')
  const close = async () => {
    child.kill()
    await closed
  }
  return { path: String(path), lines, say: (text) => child.stdin?.write(text), close }
}

describe("orion-keeper's heartbeat", function () {
  this.timeout(30_000)
  let stage: Stage
  let port: Port | undefined
  afterEach(async () => {
    await stage?.close()
    await port?.close()
    port = undefined
  })

  const plug = async () => {
    port = await openPort()
    rmSync(join(stage.root, 'ttyUSB0'), { force: true })
    symlinkSync(port.path, join(stage.root, 'ttyUSB0'))
    return port
  }
  const make = (options: StageOptions = {}) => {
    stage = makeStage(options)
    const serial = join(stage.root, 'ttyUSB0')
    const config = JSON.parse(stage.read('etc/orion/keeper.json'))
    stage.put('etc/orion/keeper.json', JSON.stringify({ ...config, serial }))
    return serial
  }
  const raised = () => stage.status().alarms.map(({ code }) => code)
  const heard = (last: string) => within(10_000, last, async () => port?.lines.at(-1) === last)

  it('is a line each turn at 115200 baud, raw, and its answers are read', async () => {
    const serial = make()
    const { lines, say, path } = await plug()
    await stage.start()
    await stage.turn(3)
    await heard('orion-heartbeat 3')
    assert.deepEqual(
      lines,
      [0, 1, 2, 3].map((count) => `orion-heartbeat ${count}`),
    )
    const { stdout } = await run(['stty', '-a', '-F', path])
    for (const word of ['speed 115200 baud', '-icanon', '-echo', '-hupcl', 'clocal', 'cs8', '-opost'])
      assert.ok(stdout.includes(word), `${word}: ${stdout}`)
    assert.deepEqual(stage.status().heartbeat, { port: serial, ok: true, count: 4, answer: null, leftSeconds: null })
    say('boot: noise\xff\r\norion-watchdog armed 17')
    await stage.turn()
    say('6\r\norion-watchdog weird 3\r\n')
    await within(10_000, 'the answer', async () => {
      await stage.turn()
      return stage.status().heartbeat?.answer === 'armed'
    })
    assert.equal(stage.status().heartbeat?.leftSeconds, 176)
    assert.match(stage.read('var/lib/metrics/orion-keeper.prom'), /^orion_keeper_heartbeat_ok 1$/m)
  })

  it('is an alarm where the port is not there or goes away, and goes on where it comes back', async () => {
    make()
    await stage.start()
    assert.deepEqual(raised(), ['serial'])
    const first = await plug()
    await stage.turn(2)
    assert.deepEqual(raised(), [])
    await first.close()
    await stage.turn(2)
    assert.deepEqual([raised(), stage.status().heartbeat?.ok], [['serial'], false])
    assert.match(stage.read('var/lib/metrics/orion-keeper.prom'), /^orion_keeper_heartbeat_ok 0$/m)
    await plug()
    await stage.turn(2)
    await heard(`orion-heartbeat ${(stage.status().heartbeat?.count ?? 0) - 1}`)
    assert.deepEqual(raised(), [])
  })

  it('writes into no file that is not a serial port', async () => {
    make()
    stage.put('ttyUSB0', 'somebody\n')
    await stage.start()
    assert.equal(stage.read('ttyUSB0'), 'somebody\n')
    assert.match(stage.journal(), /not a serial port/)
  })

  for (const [system, line] of [
    ['running', 'orion-rest'],
    ['stopping', 'orion-rest 1800'],
  ] as const)
    it(`ends with ${line} where the node is ${system}`, async () => {
      make({ system })
      await plug()
      await stage.start()
      const gone = stage.kill('SIGTERM')
      stage.let()
      await gone
      await heard(line)
    })
})
