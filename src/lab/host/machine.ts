// What a program on a simulated host sees: its host, the Proxmox VE API of its node, input and output.
import type { Answer } from '../server-reply.ts'
import type { World } from '../world.ts'
import type { HostFaults } from './host-faults.ts'
import type { HostState } from './state.ts'

export interface Output {
  readonly code: number
  readonly stdout?: string | Buffer
  readonly stderr?: string
}

/** One request to the API as root@pam, in the process itself. */
export type AskApi = (method: string, path: string, params: Record<string, unknown>) => Promise<Answer>

export interface Machine {
  /** Its name. */
  readonly node: string
  /** A node of Proxmox VE, or a guest that routes. */
  readonly kind: 'node' | 'router'
  readonly world: World
  /** Of a guest: as it is since its last start. */
  readonly host: HostState
  /** A guest may be stopped, or not there. */
  readonly isRunning: () => boolean
  /** SHA-256 of the API's certificate, and the certificate. */
  readonly certificate: { readonly cert: string; readonly fingerprint: string }
  readonly faults: HostFaults
  readonly api: AskApi
  /** Its guard; undefined before it has one. */
  readonly guard: () => { command(args: readonly string[], io: Io): Promise<Output> } | undefined
  /** Every host of the lab, this one too: what is at the other end of a wire. */
  readonly all: () => readonly Machine[]
  /** Restarts it; connections break soon after. */
  readonly reboot: () => void
  /** Says that the host's network may be another now: who cannot be reached any more is cut off. */
  readonly networkChanged: () => void
}

export interface Io {
  /** All of standard input, up to its end. */
  readonly input: () => Promise<Buffer>
  /** Standard output at once, before the program ends. */
  readonly print: (text: string) => void
  /** SSH_CONNECTION. */
  readonly connection: string
  /** ORION_GUARD, for programs that the guard runs. */
  readonly phase?: 'swap' | 'put-back'
}

/** A program: its arguments, without its name. */
export type Program = (machine: Machine, args: readonly string[], io: Io) => Output | Promise<Output>

export function ok(stdout: string | Buffer = ''): Output {
  return { code: 0, stdout }
}

export function failed(code: number, stderr: string): Output {
  return { code, stderr: stderr.endsWith('\n') ? stderr : `${stderr}\n` }
}
