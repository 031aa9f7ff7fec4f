// Where orion answers an installer, and what the installer calls that.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { OrionError } from '../errors.ts'
import type { Node } from '../site/site.ts'

const PORT = 8443

export interface Place {
  /** Where to listen. */
  readonly listen: string
  readonly port: number
  /** What the installer calls us. */
  readonly host: string
}

/** `text`: `ADDRESS:PORT`, `:PORT` or a port; default: the address on the way to the node, port 8443. Errors: E_USAGE. */
export async function getPlace(text: string | undefined, node: Node): Promise<Place> {
  const [, bracketed, plain, digits] =
    /^(?:(?:\[([0-9a-fA-F:.]+)\]|([\w.-]*)):)?(\d{1,5})$/.exec(text ?? `:${PORT}`) ?? []
  const port = Number(digits ?? Number.NaN)
  if (!(port >= 0 && port <= 65535))
    throw new OrionError(`--listen wants ADDRESS:PORT, such as 192.0.2.10:${PORT}, and not ${text}`, {
      code: 'E_USAGE',
    })
  const listen = bracketed ?? plain ?? ''
  return {
    listen: listen || (node.address.includes(':') ? '::' : '0.0.0.0'),
    port,
    host: listen || (await getOwnAddress(node)),
  }
}

/** Our own address on the way to the node: a connected UDP socket has it, and sends nothing. */
async function getOwnAddress({ address }: Node): Promise<string> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.connect(9, address)
    await once(socket, 'connect')
    return socket.address().address
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new OrionError(`there is no way to ${address} from here: ${why}`, {
      code: 'E_USAGE',
      suggestions: ['--listen ADDRESS:PORT'],
    })
  } finally {
    socket.close()
  }
}
