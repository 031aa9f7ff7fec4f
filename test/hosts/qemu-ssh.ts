// The test's own way into a guest: the system's ssh, one connection that all commands share.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ran, run } from './inside.ts'
import type { Machine } from './qemu-process.ts'

/** Runs a program in the guest. */
export type Ssh = (argv: readonly string[], input?: string) => Promise<Ran>

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Waits until the guest lets us in. Errors: after the limit, or when QEMU ends, with what was said last. */
export async function waitForSsh(
  machine: Machine,
  folder: string,
  identityFile: string,
  limitMs: number,
): Promise<Ssh> {
  const options = [
    ...['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'BatchMode=yes'],
    // A guest that was reset knows nothing of its connections.
    ...['ServerAliveInterval=5', 'ServerAliveCountMax=3'],
    ...['ConnectTimeout=15', 'ControlMaster=auto', `ControlPath=${join(folder, 'ssh')}`, 'ControlPersist=yes'],
  ]
  const argv = ['ssh', '-F', 'none', '-i', identityFile, '-p', String(machine.port)]
  const words = [...argv, ...options.flatMap((option) => ['-o', option]), 'root@127.0.0.1', '--']
  const ssh: Ssh = (program, input) => run([...words, program.map(quote).join(' ')], input)
  const end = performance.now() + limitMs
  for (;;) {
    if ((await ssh(['true'])).code === 0) return ssh
    const why = machine.child.exitCode === null ? `no ssh within ${limitMs / 1000} s` : 'QEMU ended'
    if (why === 'QEMU ended' || performance.now() > end)
      throw new Error(`the guest is not up: ${why}\n${machine.said()}`)
    await sleep(200)
  }
}
