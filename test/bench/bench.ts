// `npm run bench`: every promise about speed, measured as ratios in one run. Exit 1 where one is missed. `--json`: as data.
import { missing } from '../setup.ts'
import { againstAnsible } from './ansible.ts'
import { coldStart } from './cold-start.ts'
import { copying } from './copy.ts'
import { type Figure, isMissed, machine, table } from './measure.ts'
import { largestMesh } from './mesh.ts'
import { planning } from './planning.ts'
import { roundTrips } from './round-trips.ts'

interface Section {
  readonly title: string
  readonly figures: readonly Figure[]
  /** Why it was not measured. */
  readonly skipped?: string
}

const json = process.argv.includes('--json')
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))

async function versusAnsible(): Promise<Section> {
  const title = "ORION's 17 guests, against ansible"
  const skipped = await missing(['ansible'])
  return skipped === undefined ? { title, figures: await againstAnsible(2) } : { title, figures: [], skipped }
}

async function copyingFiles(): Promise<Section> {
  const title = 'Files onto hosts and back, against ansible'
  const skipped = await missing(['ansible', 'sshd'])
  return skipped === undefined ? { title, figures: await copying(2) } : { title, figures: [], skipped }
}

const sections: Record<string, () => Promise<Section>> = {
  start: async () => ({ title: 'Cold start, as a ratio to node -e 0', figures: coldStart(15) }),
  plan: async () => ({ title: 'Planning guests that all exist, on 50 nodes', figures: await planning() }),
  ansible: versusAnsible,
  copy: copyingFiles,
  mesh: async () => ({ title: 'A full mesh: planning, and one more gateway', figures: await largestMesh() }),
  trips: async () => ({ title: 'Hosts with nothing to do, as they see it', figures: await roundTrips() }),
}

const done: Section[] = []
for (const [name, measure] of Object.entries(sections)) {
  if (only.length > 0 && !only.includes(name)) continue
  const section = await measure()
  done.push(section)
  if (json) continue
  console.log(`${section.title}\n${section.skipped ? `not measured: ${section.skipped}` : table(section.figures)}\n`)
}
/** The promises alone, for the README: of all `--help` the slowest, and of each growth and ratio its figure. */
function promises(figures: readonly Figure[]): Figure[] {
  const isHelp = ({ name }: Figure) => name.endsWith('--help')
  const slowest = figures.filter(isHelp).sort((a, b) => b.value - a.value)[0]
  const others = figures.filter(
    (figure) => !isHelp(figure) && (figure.most !== undefined || figure.least !== undefined),
  )
  return slowest ? [{ ...slowest, name: `${slowest.name} (the slowest)` }, ...others] : others
}

const figures = done.flatMap((section) => section.figures)
const missed = figures.filter(isMissed).map(({ name }) => name)
if (json) console.log(JSON.stringify({ machine: machine(), sections: done, missed }, null, 2))
else {
  console.log(`In short (${machine()})\n${table(promises(figures))}`)
  console.log(missed.length === 0 ? 'every target met' : `missed: ${missed.join('; ')}`)
}
process.exitCode = missed.length === 0 ? 0 : 1
