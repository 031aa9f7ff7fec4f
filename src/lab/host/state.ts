// What a simulated host consists of: files, the network in force, packages, kernel settings. Plain data.

export interface StoredFile {
  readonly kind: 'file' | 'link'
  /** Content, or the target of a link. */
  readonly text: string
  /** The content is no UTF-8: `text` holds it as base64. */
  readonly base64?: true
  readonly mode: number
}

export interface SwapState {
  readonly kind: 'partition' | 'file'
  readonly bytes: number
  readonly priority: number
}

/** One change that the guard remembers. */
export interface GuardedChange {
  readonly id: string
  readonly name: string
  state: 'staged' | 'armed' | 'confirmed' | 'refused' | 'restored'
  readonly at: number
  readonly by: string
  reason: string
  /** Seconds that it waits for the confirmation. */
  readonly window: number
  /** When the host puts it back, milliseconds since the epoch. */
  deadlineMs?: number
  /** The new files; null = there shall be none. */
  readonly files: Record<string, StoredFile | null>
  /** What stood there before; null = nothing. */
  old: Record<string, StoredFile | null>
  readonly check: readonly (readonly string[])[]
  readonly activate: readonly (readonly string[])[]
  readonly strict: boolean
}

export interface HostState {
  /** Where SSH reaches it, as the site file says. */
  address: string
  /** The physical port that the operator's cable is in; undefined = reachable whatever happens. */
  cable?: string
  /** Physical ports with their other names. */
  ports: Record<string, { readonly mac: string; readonly altnames: readonly string[] }>
  files: Record<string, StoredFile>
  /** The text of /etc/network/interfaces that ifreload has put into force. */
  applied: string
  /** Settings that somebody has made; what is not here has the kernel's own value. */
  sysctl: Record<string, string>
  packages: Record<string, string>
  /** In use now. */
  swaps: Record<string, SwapState>
  /** Devices and files that mkswap has been at, with their size in bytes. */
  formatted?: Record<string, number>
  /** Systemd units that somebody has started or enabled. */
  units: Record<string, { active: boolean; enabled: boolean }>
  guard: GuardedChange[]
  /** Interfaces whose address somebody took away over the API: they stay `manual`. */
  taken: string[]
}

/** The file's content as bytes. */
export function bytesOf({ text, base64 }: StoredFile): Buffer {
  return Buffer.from(text, base64 ? 'base64' : 'utf8')
}

/** Keeps any bytes in JSON. */
export function storedFile(bytes: Buffer, mode: number): StoredFile {
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes)
    ? { kind: 'file', text, mode }
    : { kind: 'file', text: bytes.toString('base64'), base64: true, mode }
}

/** A text file; links are followed once. undefined where there is none. */
export function textAt({ files }: Pick<HostState, 'files'>, path: string): string | undefined {
  const found = files[path]
  const file = found?.kind === 'link' ? files[found.text] : found
  return file && bytesOf(file).toString('utf8')
}

export function putText(host: Pick<HostState, 'files'>, path: string, text: string, mode = 0o644): void {
  host.files[path] = { kind: 'file', text, mode }
}
