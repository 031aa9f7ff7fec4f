// One cluster: the typed API over our engine, what its readers share, and its tasks.
import { proxmoxApi } from 'proxmox-api'
import { OrionError } from '../errors.ts'
import { type Engine, type EngineOptions, openEngine } from './engine.ts'
import type { Cluster, Version } from './pve.ts'
import { waitForTask } from './task.ts'

export interface OpenCluster extends Cluster {
  forget(): void
  close(): Promise<void>
}

/** A cluster that has not opened a connection yet. */
export function openCluster(options: Omit<EngineOptions, 'onWrite'>): OpenCluster {
  const open = (onWrite: () => void) => openEngine({ ...options, onWrite })
  return clusterOver(options.cluster, options.stop.now, open)
}

/** A cluster over any engine, which says of each write that it was sent. `signal` ends the wait for a task. */
export function clusterOver(name: string, signal: AbortSignal, open: (onWrite: () => void) => Engine): OpenCluster {
  const shared = new Map<string, Promise<unknown>>()
  const forget = () => shared.clear()
  const engine = open(forget)
  const api = proxmoxApi({
    doRequest: async (method: string, path: string, template: string, params?: Readonly<Record<string, unknown>>) =>
      (await engine.call(method, path, template, params)).data,
  })
  const version = getOnce(async () => parseVersion(await api.version.$get(), name))
  return {
    name,
    who: engine.who,
    api,
    version,
    once: async (key, read) => await share(shared, key, read),
    task: async (upid, note, { timeoutMs } = {}) => {
      const wait = { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) }
      // The task went on changing things after the write that started it was answered.
      await waitForTask(engine, upid, note, wait).finally(forget)
    },
    forget,
    close: engine.close,
  }
}

/** Runs `read` once, also for callers at the same time. A failure is not kept. */
function getOnce<T>(read: () => Promise<T>): () => Promise<T> {
  const kept = new Map<string, Promise<unknown>>()
  return async () => await share(kept, '', read)
}

async function share<T>(kept: Map<string, Promise<unknown>>, key: string, read: () => Promise<T>): Promise<T> {
  const known = kept.get(key)
  // One key has one reader's type: that is the contract of `once`.
  if (known !== undefined) return (await known) as T
  const fresh = read()
  kept.set(key, fresh)
  try {
    return await fresh
  } catch (error) {
    // Only our own entry: after a write somebody may have begun anew.
    if (kept.get(key) === fresh) kept.delete(key)
    throw error
  }
}

/** `9.1.4`, `8.4-1`, `9.0~beta`. Errors: E_PVE_ANSWER for anything that does not begin with two numbers. */
export function parseVersion(answer: unknown, cluster: string): Version {
  const text = typeof answer === 'object' && answer !== null && 'version' in answer ? String(answer.version) : ''
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? []
  if (major === undefined || minor === undefined) {
    throw new OrionError(`${cluster} says no version that orion knows: ${JSON.stringify(text)}`, {
      code: 'E_PVE_ANSWER',
    })
  }
  return { major: Number(major), minor: Number(minor), text }
}
