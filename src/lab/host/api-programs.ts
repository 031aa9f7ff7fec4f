// pvesh, qm and pct on a simulated host: the API of the lab itself, asked as root@pam, with their own words for its answers.
import type { Answer } from '../server-reply.ts'
import { failed, type Io, type Machine, type Output, ok, type Program } from './machine.ts'

const METHODS: Readonly<Record<string, string>> = { get: 'GET', set: 'PUT', create: 'POST', delete: 'DELETE' }
const POLL_MS = 10

/** `pvesh get|set|create|delete PATH [--key value …] [--output-format json]` */
const pvesh: Program = async (machine, [verb = '', path = '', ...rest], io) => {
  const method = Object.hasOwn(METHODS, verb) ? METHODS[verb] : undefined
  if (method === undefined) return failed(255, `ERROR: unknown command 'pvesh ${verb}'`)
  const { 'output-format': _, quiet: __, noproxy: ___, ...params } = optionsOf(rest)
  const place = encodePath(path).replace(/^\/nodes\/localhost(?=\/|$)/, `/nodes/${machine.node}`)
  const answer = await machine.api(method, place, params)
  if (answer.status === 501) return failed(255, `no '${verb}' handler for '${path}'`)
  if (answer.status !== 200) return refused(answer, `pvesh ${verb} <api_path> [OPTIONS] [FORMAT_OPTIONS]`)
  const { data } = answer.body ?? {}
  const ended = await untilEnded(machine, data, io)
  if (ended) return ended
  return ok(data === null || data === undefined ? '' : `${JSON.stringify(sorted(data))}\n`)
}

/** `qm set VMID --key value …`, and the verbs that start and stop. */
function guestProgram(name: 'qm' | 'pct', kind: 'qemu' | 'lxc'): Program {
  return async (machine, [verb = '', vmid = '', ...rest], io) => {
    const place = `/nodes/${machine.node}/${kind}/${vmid}`
    const requests: Record<string, readonly [method: string, path: string]> = {
      set: ['PUT', `${place}/config`],
      config: ['GET', `${place}/config`],
      status: ['GET', `${place}/status/current`],
      ...Object.fromEntries(
        ['start', 'stop', 'shutdown', 'reboot'].map((word) => [word, ['POST', `${place}/status/${word}`]]),
      ),
      destroy: ['DELETE', place],
    }
    const request = Object.hasOwn(requests, verb) ? requests[verb] : undefined
    if (!request) return failed(255, `ERROR: unknown command '${name} ${verb}'`)
    const answer = await machine.api(...request, optionsOf(rest))
    if (answer.status !== 200) return refused(answer, `${name} ${verb} <vmid> [OPTIONS]`)
    const { data } = answer.body ?? {}
    const ended = await untilEnded(machine, data, io)
    return ended ?? ok(textOf(verb, data))
  }
}

function textOf(verb: string, data: unknown): string {
  if (typeof data !== 'object' || data === null) return ''
  if (verb === 'status') return `status: ${Object.entries(data).find(([key]) => key === 'status')?.[1]}\n`
  return Object.entries(data)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')
}

/** A key that comes again is a list; a key without a value is a switch. */
function optionsOf(words: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (let at = 0; at < words.length; at++) {
    const [, key = '', inline] = /^--?([^=]+)(?:=(.*))?$/s.exec(words[at] ?? '') ?? []
    if (key === '') continue
    const next = words[at + 1]
    const value = inline ?? (next === undefined || next.startsWith('--') ? '1' : next)
    if (inline === undefined && value === next) at += 1
    const known = found[key]
    found[key] = typeof known === 'string' ? `${known}\0${value}` : value
  }
  return found
}

/** The path of the command line has its ids as they are. */
function encodePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '')
  return `/${parts.map(encodeURIComponent).join('/')}`
}

/** As a Perl program dies: what the API says, each wrong parameter on a line, then how it is called. */
function refused({ status, reason, body }: Answer, usage: string): Output {
  const errors = Object.entries((body?.errors ?? {}) as Record<string, string>)
  const message = String(body?.message ?? reason).trimEnd()
  if (errors.length === 0) return failed(status === 403 ? 13 : 255, status === 500 ? message : `${status} ${message}`)
  const lines = errors.map(([name, text]) => `${name}: ${text.trimEnd()}`)
  return failed(255, [`${status} ${message}`, ...lines, '', usage].join('\n'))
}

/** Programs wait for their task and show its log; undefined where it went well, or there is none. */
async function untilEnded({ world }: Machine, data: unknown, io: Io): Promise<Output | undefined> {
  if (typeof data !== 'string' || !data.startsWith('UPID:')) return undefined
  const task = () => world.state.tasks[data]
  while (task() && task()?.endMs === undefined) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  const { log = [], exit = 'OK' } = task() ?? {}
  io.print(
    log
      .filter((line) => !line.startsWith('TASK '))
      .map((line) => `${line}\n`)
      .join(''),
  )
  return exit === 'OK' || exit.startsWith('WARNINGS') ? undefined : failed(255, exit)
}

/** pvesh prints its JSON with the keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  )
}

export const apiPrograms: Readonly<Record<string, Program>> = {
  pvesh,
  qm: guestProgram('qm', 'qemu'),
  pct: guestProgram('pct', 'lxc'),
}
