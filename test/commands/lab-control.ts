// What goes wrong in a lab that another process serves: told over its own endpoint.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'

/** From now on these faults of hosts, and no others. `dir`: the lab's folder. */
export const setHostFault = setFaults

/** The same; one whose match names a `task` is a fault of the API. */
export async function setFaults(dir: string, rules: readonly object[]): Promise<void> {
  const { clusters, secret } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8'))
  const [{ port }] = Object.values(clusters) as [{ port: number }]
  await send({ port, secret, method: 'DELETE', path: '/lab/faults' })
  for (const rule of rules) {
    const path = 'task' in Reflect.get(rule, 'match') ? '/lab/faults' : '/lab/host-faults'
    await send({ port, secret, method: 'POST', path, body: JSON.stringify(rule) })
  }
}

interface Sent {
  readonly port: number
  readonly secret: string
  readonly method: string
  readonly path: string
  readonly body?: string
}

async function send({ port, secret, method, path, body = '' }: Sent): Promise<void> {
  const headers = {
    'x-lab-secret': secret,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  const status = await new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    })
    asked.on('error', reject).end(body)
  })
  assert.equal(status, 200, `${method} ${path}`)
}
