// A router in a network namespace between others that stand for its networks, the internet and the mesh: veth cables, our rendered table, an agent in each.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { PREFIX, removeNamespace } from '../hosts/network.ts'
import { PYTHON } from '../setup.ts'

const AGENT = fileURLToPath(new URL('firewall-agent.py', import.meta.url))
const LIMIT_MS = 10_000

/** A cable from a machine into another one: name and addresses (CIDRs) of both ends. */
export interface Cable {
  readonly from: string
  readonly to: string
  /** Interface name and addresses at the far end. */
  readonly at: readonly [string, ...string[]]
  readonly addresses: readonly string[]
  readonly mac?: string
  readonly mtu?: number
}

export interface Answer {
  /** Whom the other side saw asking. */
  readonly peer?: string
  /** TCP segment sizes of the other side and of this one. */
  readonly segment?: number
  readonly mine?: number
  readonly size?: number
  readonly error?: number
  readonly heard?: readonly string[]
}

export interface Dial {
  readonly proto: 'tcp' | 'udp' | 'icmp'
  readonly to: string
  readonly port?: number
  readonly source?: string
  readonly sport?: number
  readonly size?: number
}

const place = (name: string): string => `${PREFIX}${process.pid}-fw-${name}`

export class Stage {
  readonly #agents = new Map<string, Agent>()
  #tickets = 0

  constructor(names: readonly string[]) {
    for (const name of names) {
      ip('netns', 'add', place(name))
      this.sh(name, 'ip link set lo up; sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0')
      this.#agents.set(name, new Agent(place(name)))
    }
  }

  plug({ from, to, at: [name, ...there], addresses, mac, mtu }: Cable): void {
    ip('-n', place(from), 'link', 'add', to, 'type', 'veth', 'peer', 'name', name, 'netns', place(to))
    if (mac) ip('-n', place(to), 'link', 'set', name, 'address', mac)
    if (mtu) ip('-n', place(to), 'link', 'set', name, 'mtu', String(mtu))
    for (const [where, device, list] of [[from, to, addresses] as const, [to, name, there] as const]) {
      for (const address of list)
        ip('-n', place(where), 'addr', 'add', address, 'dev', device, ...(address.includes(':') ? ['nodad'] : []))
      ip('-n', place(where), 'link', 'set', device, 'up')
    }
  }

  /** Runs a script on a machine, and gives what it said. Errors: where it fails. */
  sh(name: string, script: string, ...args: string[]): string {
    const argv = ['netns', 'exec', place(name), 'sh', '-ec', script, 'sh', ...args]
    return execFileSync('ip', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS })
  }

  ask(name: string, verb: string, given: object = {}): Promise<Answer> {
    const agent = this.#agents.get(name)
    if (agent === undefined) throw new Error(`no machine ${name}`)
    return agent.ask({ verb, ...given })
  }

  /** Begins; `answer` is empty where nobody answered in time, or it was given up. */
  dial(name: string, wanted: Dial) {
    this.#tickets += 1
    const ticket = this.#tickets
    const state: { answer?: Answer } = {}
    const given = { port: 0, ...wanted }
    const ended = this.ask(name, 'dial', { ticket, ...given }).then((answer) => {
      state.answer = answer
      return answer
    })
    ended.catch(() => {})
    const stop = () => this.ask(name, 'stop', { ticket })
    return { state, ended, stop, say: (size: number) => this.ask(name, 'say', { ticket, size }) }
  }

  /** Packets dropped by reason, as the router counts them. */
  drops(): Record<string, number> {
    const { nftables } = JSON.parse(this.sh('router', 'nft -j list counters table inet orion'))
    const counters = (nftables as { counter?: { name: string; packets: number } }[]).flatMap(
      ({ counter }) => counter ?? [],
    )
    return Object.fromEntries(counters.map(({ name, packets }) => [name.replace('drop_', ''), packets]))
  }

  close(): void {
    for (const [name, agent] of this.#agents) {
      agent.end()
      removeNamespace(place(name))
    }
  }
}

/** Asks until it is so. Errors: what was wanted, after ten seconds. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(20)) if (await isSo()) return
  throw new Error(`not seen: ${what}`)
}

function ip(...argv: string[]): void {
  execFileSync('ip', argv, { stdio: ['ignore', 'ignore', 'pipe'] })
}

class Agent {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #said = ''
  #last = 0

  constructor(namespace: string) {
    this.#process = spawn('ip', ['netns', 'exec', namespace, PYTHON, AGENT])
    this.#process.stderr.on('data', (data: Buffer) => {
      this.#said += data
    })
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line) as Answer & { id: number }
      this.#waiting.get(id)?.(answer)
      this.#waiting.delete(id)
    })
  }

  ask(request: object): Promise<Answer> {
    this.#last += 1
    const id = this.#last
    this.#process.stdin.write(`${JSON.stringify({ id, ...request })}\n`)
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`no answer to ${JSON.stringify(request)} ${this.#said}`)),
        2 * LIMIT_MS,
      )
      this.#waiting.set(id, (answer) => {
        clearTimeout(late)
        if ('broken' in answer) reject(new Error(`${JSON.stringify(request)}: ${answer.broken}`))
        else resolve(answer)
      })
    })
  }

  end(): void {
    this.#process.stdin.end()
    this.#process.kill('SIGKILL')
  }
}
