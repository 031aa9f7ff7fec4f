// Colours, and the look of a page: how wide, and coloured or not.
import { Chalk, type ChalkInstance } from 'chalk'

export interface Look {
  /** Columns of the terminal; 80 where there is none. */
  readonly width: number
  readonly colour: boolean
}

const coloured = new Chalk({ level: 1 })
const plain = new Chalk({ level: 0 })

/** Sixteen colours only: those follow the theme of the terminal. */
export function getPaint({ colour }: Look): ChalkInstance {
  return colour ? coloured : plain
}
