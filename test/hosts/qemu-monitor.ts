// QEMU's monitor (QMP): one connection over its UNIX socket, one command at a time.
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

/** Runs one command. Errors: what QEMU says. */
export type Command = (execute: string, options?: Readonly<Record<string, unknown>>) => Promise<unknown>

interface Reply {
  readonly return?: unknown
  readonly error?: { readonly desc: string }
}

/** Opens the monitor for as long as `use` runs. */
export async function withMonitor<T>(socketFile: string, use: (command: Command) => Promise<T>): Promise<T> {
  const socket = connect(socketFile)
  await once(socket, 'connect')
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const command: Command = async (execute, options = {}) => {
    socket.write(`${JSON.stringify({ execute, arguments: options })}\n`)
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`QEMU ended at ${execute}`)
      const reply = JSON.parse(value) as Reply
      if (reply.error) throw new Error(`QEMU refuses ${execute}: ${reply.error.desc}`)
      // Events and the greeting stand between the answers.
      if ('return' in reply) return reply.return
    }
  }
  try {
    await command('qmp_capabilities')
    return await use(command)
  } finally {
    socket.destroy()
  }
}
