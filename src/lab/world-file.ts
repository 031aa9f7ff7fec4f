// A world on disk: made from hardware, read back after a restart, and written soon after every change.
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { addHardware, newStorage } from './hardware.ts'
import { stopAllTasks } from './tasks.ts'
import type { Hardware, World, WorldState } from './world.ts'

const WRITE_DELAY_MS = 200
/** Writing must not eat the processor: between two writes this many times the length of the last one passes. */
const REST_FACTOR = 10

/** The state of a cluster as its installer leaves it: nodes, storages, no guests, root@pam. */
export function newWorldState(hardware: Hardware): WorldState {
  const state: WorldState = {
    hardware,
    guests: {},
    tasks: {},
    volumes: [],
    storage: newStorage(),
    pools: {},
    access: { roles: {}, users: { 'root@pam': { enable: true } }, tokens: {}, acl: [] },
    serial: 0,
  }
  addHardware(state, hardware)
  return state
}

/** Gives a world the nodes, bridges, storages and volumes of changed hardware. What is there, guests above all, stays. */
export function renewHardware(world: World, hardware: Hardware): void {
  addHardware(world.state, hardware)
  world.changed()
}

/**
 * Opens the world that `file` keeps, or makes it. Tasks that the file shows as running died with their process.
 * `pace` multiplies how long tasks take. `close()` stops what runs and writes for the last time.
 */
export async function openWorld(
  file: string,
  hardware: Hardware,
  { pace }: { pace: number },
): Promise<World & { close(): Promise<void> }> {
  const known = readState(file)
  const state = known ?? newWorldState(hardware)
  forgetPrototypes(state)
  if (known) addHardware(state, hardware)
  const now = () => Date.now()
  interruptTasks(state, now())
  const writer = makeWriter(file, state)
  const world: World = { state, now, pace, changed: () => writer.changed() }
  writer.changed()
  const close = async () => {
    await stopAllTasks(world)
    await writer.close()
  }
  // Not a spread copy: the caller hangs faults on the very object that the tasks consult.
  return Object.assign(world, { close })
}

/** Names come from outside: there is no pool `constructor` before somebody has made one. */
function forgetPrototypes({ storage, pools, mappings, access }: WorldState): void {
  const records = [storage, pools, access.roles, access.users, access.tokens, ...Object.values(mappings ?? {})]
  for (const record of records) Object.setPrototypeOf(record, null)
}

function readState(file: string): WorldState | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as WorldState
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A lab that died is a host that crashed: its workers are gone, their half-made guests keep their lock. */
function interruptTasks(state: WorldState, nowMs: number): void {
  for (const task of Object.values(state.tasks)) {
    if (task.endMs !== undefined) continue
    task.endMs = nowMs
    task.exit = 'interrupted: the host went down while this task ran'
    task.log.push(`TASK ERROR: ${task.exit}`)
  }
}

function makeWriter(file: string, state: WorldState): { changed(): void; close(): Promise<void> } {
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let written = -1
  let delayMs = WRITE_DELAY_MS
  let last: Promise<void> = Promise.resolve()
  const write = async () => {
    if (written === state.serial) return
    written = state.serial
    const begin = performance.now()
    await writeAtomically(file, JSON.stringify(state))
    delayMs = Math.max(WRITE_DELAY_MS, (performance.now() - begin) * REST_FACTOR)
  }
  // One write after the other; a failed one is tried again with the next change.
  const queue = () => {
    last = last.then(write).catch(() => {
      written = -1
    })
  }
  return {
    changed() {
      state.serial += 1
      // A request that outlives the lab must not write over what the next one has saved.
      if (closed) return
      timer ??= setTimeout(() => {
        timer = undefined
        queue()
      }, delayMs)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await last
      await write()
    },
  }
}

/** Replaces the file so that a crash leaves the old or the new text, and nobody else may read it. */
async function writeAtomically(file: string, text: string): Promise<void> {
  const beside = `${file}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
}
