// Ends what a test host consists of: its processes by cgroup, its namespace by name; also those of a run that was killed.
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PREFIX, removeNamespace } from './network.ts'

// Where the machine still has cgroup v1, v2 is beside it.
export const CGROUPS = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup'

const subfolders = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(folder, entry.name))
    : []

/** Every process in a cgroup and below. */
export function processesOf(folder: string): number[] {
  try {
    const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
    return [...own, ...subfolders(folder).flatMap(processesOf)]
  } catch {
    // It ended just now: nobody is in there.
    return []
  }
}

function removeCgroup(folder: string): void {
  for (const child of subfolders(folder)) removeCgroup(child)
  // A process that was just killed may hold it for a moment.
  for (let left = 1000; left > 0 && existsSync(folder); left--)
    try {
      rmdirSync(folder)
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
}

/** Ends one host at once, whatever is left of it. */
export function endHost(namespace: string): void {
  const cgroup = join(CGROUPS, namespace)
  if (existsSync(cgroup)) {
    writeFileSync(join(cgroup, 'cgroup.kill'), '1')
    removeCgroup(cgroup)
  }
  removeNamespace(namespace)
  rmSync(folderOf(namespace), { recursive: true, force: true })
}

/** Where a host's runner finds what it needs. */
export const folderOf = (namespace: string): string => join(tmpdir(), namespace)

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Ends the hosts of test runs that are no more. */
export function sweep(): void {
  const names = ['/run/netns', CGROUPS, tmpdir()].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))
  for (const name of new Set(names)) {
    // Only names that are ours to the end: a temporary folder of somebody else's may begin alike.
    const pid = name.startsWith(PREFIX) ? Number(/^(\d+)-[a-z]/.exec(name.slice(PREFIX.length))?.[1]) : Number.NaN
    if (pid > 0 && !isAlive(pid)) endHost(name)
  }
}
