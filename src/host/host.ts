// What the rest of orion sees of a host: programs, files and facts over one SSH connection, and the guard.
import type { Guard } from './guard.ts'

/** What a program left behind: up to 64 MiB; bytes that are not UTF-8 are replaced by U+FFFD. */
export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** What the program reads: the only way for a secret, which never stands in an argument. */
  readonly input?: string | Buffer
  /** Exit codes that are no error; default 0. */
  readonly accept?: readonly number[]
  /** The host itself ends the program after this time; default 60 s. */
  readonly timeoutMs?: number
  /** Texts that no error may repeat, e.g. from the program's output. */
  readonly secrets?: readonly string[]
}

/** A file as it is on the host. */
export interface SeenFile {
  readonly kind: 'file' | 'link' | 'other'
  /** UTF-8 text of a file, target of a link; '' otherwise. */
  readonly text: string
  /** Permission bits, e.g. 0o644. */
  readonly mode: number
  readonly owner: string
  readonly group: string
}

/** What one round trip shall bring: files by absolute path, and what programs say, by a name of the caller's. */
export interface ReadWish {
  readonly files?: readonly string[]
  readonly commands?: Readonly<Record<string, readonly string[]>>
}

export interface Seen {
  /** Files that exist. */
  readonly files: ReadonlyMap<string, SeenFile>
  /** Every command that was asked for; a program that is not there has code 127, one that took too long 124. */
  readonly commands: ReadonlyMap<string, Output>
}

/** A file to put in place: its whole content, of root. `text` undefined = there shall be none. */
export interface HostFile {
  readonly path: string
  readonly text: string | undefined
  /** Default 0o644. */
  readonly mode?: number
  /** A group that the host has; default root. One that it does not have is refused before anything was touched. */
  readonly group?: string
}

/**
 * One machine, as root: over sudo where the SSH user is another. The connection is opened by the first call and serves the
 * whole run. Every call: E_HOST_UNREACHABLE, E_HOST_KEY, E_HOST_AUTH, E_HOST_SUDO, E_HOST_LOST (recheck), E_HOST_TIMEOUT, E_INTERRUPTED.
 */
export interface Host {
  /** As the site file calls it. */
  readonly name: string
  /** Runs one program with arguments; no shell sees them. Errors: E_HOST_COMMAND with the tail of what it said. */
  run(argv: readonly string[], options?: RunOptions): Promise<Output>
  /** Everything in one round trip. */
  read(wish: ReadWish): Promise<Seen>
  /** Files in one stream, each written beside its place, synced and renamed; folders are made. For what cannot cut us off. */
  write(files: readonly HostFile[]): Promise<void>
  /** A read that callers share until `forget`; a failed one is not kept. */
  once<T>(key: string, read: () => Promise<T>): Promise<T>
  forget(): void
  /** The two ends of this SSH session as the host sees them (SSH_CONNECTION): which of its addresses carries us. */
  ends(): Promise<{ readonly client: string; readonly server: string }>
  /** The same host over a new TCP connection, for what must be proved anew; it is the caller's to close. */
  fresh(options: { readonly timeoutMs: number }): Promise<Host>
  readonly guard: Guard
  close(): Promise<void>
}
