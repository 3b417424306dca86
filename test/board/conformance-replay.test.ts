import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openBoard } from '../../src/board/open-board.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { boardConformance } from '../support/board-conformance.ts'
import { macroTwin, recordedBoard } from '../support/boards.ts'

const { classify } = await loadRecoilClassifier()
const folder = mkdtempSync(join(tmpdir(), 'gemgate-replay-'))
afterAll(() => rm(folder, { recursive: true }))
const file = join(folder, 'small-board.jsonl')

boardConformance('with a recorder', classify, () => recordedBoard(macroTwin(classify), file))
// Runs after the one above, in this order.
boardConformance('replay of what was recorded', classify, () => openBoard(`replay:${file}`, { classify }))
