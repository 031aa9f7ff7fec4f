// The binary words of the SSH protocol (RFC 4251, section 5): lengths, strings, big numbers.

/** Reads one word after another. Errors: a plain Error where the bytes end too early. */
export interface Reader {
  byte(): number
  uint32(): number
  uint64(): bigint
  string(): Buffer
  /** How far it is. */
  at(): number
  done(): boolean
}

export function readWire(bytes: Buffer): Reader {
  let at = 0
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('the bytes end too early')
    at += length
    return bytes.subarray(at - length, at)
  }
  const uint32 = () => take(4).readUInt32BE()
  return {
    byte: () => take(1).readUInt8(),
    uint32,
    uint64: () => take(8).readBigUInt64BE(),
    string: () => take(uint32()),
    at: () => at,
    done: () => at === bytes.length,
  }
}

/** A length and these bytes. */
export function toWire(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** The type of a public key or certificate, which is its first word. */
export const getKeyType = (blob: Buffer): string => readWire(blob).string().toString()
