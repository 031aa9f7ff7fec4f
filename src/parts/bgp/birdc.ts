// Replies of `birdc -v`, read by their four-digit codes: codes and labels are the same in BIRD 2.0 to 3.1, columns are not.

/** Lines of one code, without it. */
export interface Block {
  readonly code: number
  readonly lines: readonly string[]
}

export interface Reply {
  /** In their order, without the greeting (0001). Lines that no code stands before are in none. */
  readonly blocks: readonly Block[]
  /** What BIRD refused (8xxx) or did not understand (9xxx), in its words. */
  readonly problem?: string
}

/** Codes of what `show` answers. */
export const CODE = {
  greeting: 1,
  daemon: 1000,
  protocol: 1002,
  protocolDetails: 1006,
  routes: 1007,
  status: 1011,
  attributes: 1012,
  bfd: 1020,
} as const

const FIRST_PROBLEM = 8000

/** Pure; reads what it can of any text: a line that is cut or garbled is left out. */
export function parseReply(text: string): Reply {
  const blocks: { code: number; lines: string[] }[] = []
  for (const line of text.split('\n')) {
    // `-` more to come, a blank: the last line of a reply. birdc prints a continued line behind five blanks.
    const [, digits, coded] = /^(\d{4})[- ](.*)$/.exec(line) ?? []
    if (digits !== undefined) blocks.push({ code: Number(digits), lines: [coded ?? ''] })
    else if (line.startsWith('     ')) blocks.at(-1)?.lines.push(line.slice(5))
  }
  const said = blocks.filter(({ code }) => code !== CODE.greeting)
  const problem = said.find(({ code }) => code >= FIRST_PROBLEM)
  return { blocks: said, ...(problem === undefined ? {} : { problem: problem.lines.join(' ').trim() }) }
}

export interface Status {
  /** `2.0.12`. */
  readonly version: string
  readonly routerId?: string
  /** The router's clock, and when BIRD started and read its configuration; as BIRD prints them. */
  readonly time?: string
  readonly lastReboot?: string
  readonly lastReconfiguration?: string
}

/** Of `show status`; undefined where BIRD did not say its version. */
export function parseStatus(text: string): Status | undefined {
  const { blocks } = parseReply(text)
  const linesOf = (wanted: number) => blocks.flatMap(({ code, lines }) => (code === wanted ? lines : []))
  const version = /^BIRD v?(\S+)/.exec(linesOf(CODE.daemon)[0] ?? '')?.[1]
  if (version === undefined) return undefined
  const after = (key: keyof Status, words: string): Partial<Status> => {
    const found = linesOf(CODE.status).find((line) => line.startsWith(words))
    return found === undefined ? {} : { [key]: found.slice(words.length).trim() }
  }
  return {
    version,
    ...after('routerId', 'Router ID is '),
    ...after('time', 'Current server time is '),
    ...after('lastReboot', 'Last reboot on '),
    ...after('lastReconfiguration', 'Last reconfiguration on '),
  }
}

/** Networks of `show route`, each once per table line that names it. */
export function parseNetworks(text: string): readonly string[] {
  const lines = parseReply(text).blocks.flatMap((block) => (block.code === CODE.routes ? block.lines : []))
  return lines.flatMap((line) => /^([0-9a-fA-F.:]+\/\d{1,3})\s/.exec(line)?.[1] ?? [])
}

/** Of `show route … count`, over all tables; undefined where BIRD did not count. */
export function parseCount(text: string): number | undefined {
  const lines = parseReply(text).blocks.flatMap((block) => (block.code === CODE.routes ? block.lines : []))
  const counts = lines.flatMap((line) => /^(\d+) of \d+ routes\b/.exec(line)?.[1] ?? [])
  return counts.length === 0 ? undefined : counts.reduce((sum, one) => sum + Number(one), 0)
}

export interface BfdSession {
  readonly address: string
  readonly interface: string
  /** `Up`, `Down`, `Init`, `AdminDown`. */
  readonly state: string
}

/** Of `show bfd sessions`. */
export function parseBfd(text: string): readonly BfdSession[] {
  const lines = parseReply(text).blocks.flatMap((block) => (block.code === CODE.bfd ? block.lines : []))
  return lines.flatMap((line) => {
    const [, address, name, state] =
      /^([0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*)\s+(\S+)\s+(Up|Down|Init|AdminDown)\b/.exec(line) ?? []
    return address === undefined || name === undefined || state === undefined
      ? []
      : [{ address, interface: name, state }]
  })
}
