// Ways into a test host that do not need its network, and waiting for what it does.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CGROUPS, processesOf } from './leftovers.ts'
import { HUB } from './network.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The machine's id of the host's process 1; undefined while it is not up. */
export function firstProcess(namespace: string): number | undefined {
  return processesOf(join(CGROUPS, namespace)).find((pid) => {
    try {
      return /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    } catch {
      return false
    }
  })
}

/** Runs a program of ours and returns what it left, whatever its code. */
export function run(argv: readonly string[], input: string | Buffer = ''): Promise<Ran> {
  const [command = '', ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(command, args)
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString('latin1')
    })
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString('latin1')
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 128, stdout: text(stdout), stderr: text(stderr) }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

const text = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Runs a program inside the host. */
export async function enter(namespace: string, argv: readonly string[], input?: string | Buffer): Promise<Ran> {
  const pid = firstProcess(namespace)
  if (!pid) return { code: 128, stdout: '', stderr: 'the host is not up' }
  const inside = ['nsenter', '-t', String(pid), '-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w', 'env', '-i', PATH]
  return run([...inside, 'HOME=/root', 'LANG=C.UTF-8', ...argv], input)
}

const KNOCK = 'exec 3<>/dev/tcp/$0/22 && read -r -n 4 -t 2 -u 3 greeting && [ "$greeting" = SSH- ]'

/** Does sshd answer, seen from the hub? */
export async function answers(address: string): Promise<boolean> {
  // --norc: Node's stdin is a socket, which bash takes for a network login, and would read ~/.bashrc each time.
  const argv = ['ip', 'netns', 'exec', HUB, 'timeout', '2', 'bash', '--norc', '-c', KNOCK, address]
  return (await run(argv)).code === 0
}

/** Asks again until it is so. Errors: where it was not so after the limit either, with what was waited for. */
export async function within(limitMs: number, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + limitMs
  for (;;) {
    // A machine that stood still meanwhile is asked once more: the answer may be older than the limit.
    const isLast = performance.now() > end
    if (await isSo()) return
    if (isLast) throw new Error(`waited ${limitMs / 1000} s for ${what}`)
    await sleep(50)
  }
}
