// Reads a cpuset as Linux and Proxmox write it: `0,2,4-7`.

/** The highest number of a logical CPU that is believed: Linux itself is built for 8192. */
const LAST_CPU = 8191

/** The logical CPUs in rising order, each once, or undefined if the text is no cpuset. */
export function parseCpuset(text: string): readonly number[] | undefined {
  const cpus = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim())
    if (match === null) return undefined
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first || last > LAST_CPU) return undefined
    for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu)
  }
  return [...cpus].sort((a, b) => a - b)
}

/** `0,2,4-7` from logical CPUs in any order; '' for none. */
export function formatCpuset(cpus: readonly number[]): string {
  const rising = [...new Set(cpus)].sort((a, b) => a - b)
  const starts = rising.filter((cpu, at) => at === 0 || rising[at - 1] !== cpu - 1)
  const ends = rising.filter((cpu, at) => rising[at + 1] !== cpu + 1)
  return starts.map((start, at) => (start === ends[at] ? `${start}` : `${start}-${ends[at]}`)).join(',')
}
