import type { Board } from '../board/board.ts'
import { openBoard } from '../board/open-board.ts'
import { loadRecoilClassifier } from '../network/recoil-classifier.ts'

/** Options of every command that opens a board. */
export interface BoardOptions {
  readonly record?: string
  readonly json?: boolean
}

/** Opens a board for a command; `model:` classifies with the shipped network. */
export async function openNamed(address: string, { record }: BoardOptions): Promise<Board> {
  const { classify } = await loadRecoilClassifier()
  return openBoard(address, { classify, ...(record === undefined ? {} : { record }) })
}
