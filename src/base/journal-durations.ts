// How long each step took when it was done last, from the end of this machine's journal.

/** Enough for some hundred runs; what is older tells little. */
const TAIL_BYTES = 1024 * 1024

type Durations = (id: string, verb: string) => number | undefined

/** A journal that is not there, or cannot be read, knows of none. `dir`: where it is kept. */
export async function readDurations(dir: string | undefined): Promise<Durations> {
  if (dir === undefined) return () => undefined
  const { parseEntry, readChain } = await import('../engine/journal.ts')
  const { readJournal } = await import('./journal-file.ts')
  const text = await readJournal(dir, TAIL_BYTES).catch(() => '')
  const last = new Map<string, number>()
  for (const { payload } of readChain(text).lines) {
    if (!payload.includes('"end"')) continue
    const entry = parseEntry(payload)
    if (entry?.kind !== 'end') continue
    for (const { id, verb, outcome, ms } of entry.steps) if (outcome === 'done') last.set(`${verb} ${id}`, ms)
  }
  return (id, verb) => last.get(`${verb} ${id}`)
}
