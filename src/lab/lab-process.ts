// The process that serves a lab, seen from outside: does it live, and the requests that steer it.
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LabAccess } from './lab-files.ts'

/** Is there a process with this id? */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Ends a lab, its state saved, and waits for its process. */
export async function stop(access: LabAccess): Promise<void> {
  await ask(access, 'POST', '/lab/close').catch(() => undefined)
  const endMs = Date.now() + 10_000
  while (isRunning(access.pid) && access.pid !== process.pid && Date.now() < endMs) await sleep(20)
}

/** Does the process answer, and is it the one that wrote the access? */
export async function isAlive(access: LabAccess): Promise<boolean> {
  if (!isRunning(access.pid)) return false
  const status = (await ask(access, 'GET', '/lab/status').catch(() => undefined)) as { pid?: number } | undefined
  return status?.pid === access.pid
}

/** One request to the /lab/ endpoints, over a connection that only the lab's own certificate opens. */
export async function ask(access: LabAccess, method: string, path: string): Promise<unknown> {
  const cluster = Object.values(access.clusters)[0]
  const { cert } = JSON.parse(await readFile(join(access.dir, 'certificate.json'), 'utf8')) as { cert: string }
  const text = await new Promise<string>((resolve, reject) => {
    const options = { host: cluster?.host, port: cluster?.port, method, path, ca: cert, agent: false, timeout: 5000 }
    const asked = request({ ...options, headers: { 'x-lab-secret': access.secret } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
      response.on('error', reject)
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', reject)
    asked.end()
  })
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}
