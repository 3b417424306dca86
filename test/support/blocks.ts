import type { Random } from '../../src/core/random.ts'
import { type BlockRow, blockCount, blockWords } from '../../src/trigger/region-blocks.ts'

/** Some rows of blocks that an image of columns x rows macro-pixels can have. */
export function randomBlockRows(random: Random, columns: number, rows: number): BlockRow[] {
  const count = blockCount(columns)
  const every = 1 + random.integer(8)
  const found: BlockRow[] = []
  for (let row = random.integer(every); row < blockCount(rows); row += 1 + random.integer(2 * every)) {
    const words = new Uint32Array(blockWords(columns))
    for (let i = random.integer(12); i > 0; i--) {
      const block = random.integer(count)
      words[block >> 5]! |= 1 << (block & 31)
    }
    found.push({ row, words })
  }
  return found
}
