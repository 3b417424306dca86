import { createHash } from 'node:crypto'
import { registerSchema } from '../board/register-schema.ts'
import type { BoardProfile } from './board-profile.ts'
import { memoryMap, placementSeeds, routeArguments, synthesisScript } from './ice40-script.ts'
import { readSource, sourceFiles } from './source-files.ts'
import { toolVersions } from './tools.ts'

/** Everything that decides an image but the build id, which follows from it. */
export interface BuildInput {
  /** Sources by name below the package, sorted. */
  readonly sources: ReadonlyMap<string, string>
  readonly constraints: string
  /** Further files that the tools read, by name. */
  readonly maps: ReadonlyMap<string, string>
  readonly sourceHash: string
  /** First 64 bits of sourceHash; goes into the gateware as the parameter BUILD. */
  readonly build: bigint
}

/** Reads the sources of a board and hashes them; `root` is the folder of the package. */
export function buildInput(board: BoardProfile, root?: string): BuildInput {
  const sources = sourceFiles(board.top, board.folders, root)
  const constraints = readSource(board.constraints, root)
  const maps = new Map(board.flow === 'ice40' ? [[memoryMap, readSource(memoryMap, root)]] : [])
  const { top, device, package: packaged, flow, clock, parameters } = board
  const settings = {
    top,
    device,
    packaged,
    flow,
    clock,
    parameters,
    registerSchema,
    script: flow === 'ice40' ? [synthesisScript(board, sources.keys(), 0n), routeArguments(board, 0)] : [],
    placementSeeds,
    toolVersions,
  }
  const hash = createHash('sha256')
  const add = (name: string, text: string): void => {
    hash.update(`${name} ${Buffer.byteLength(text)}\n`).update(text)
  }
  for (const [name, text] of sources) add(name, text)
  for (const [name, text] of maps) add(name, text)
  add(board.constraints, constraints)
  add('settings', JSON.stringify(settings))
  const sourceHash = hash.digest('hex')
  return { sources, constraints, maps, sourceHash, build: BigInt(`0x${sourceHash.slice(0, 16)}`) }
}

/** A build id as people read it: 16 hexadecimal digits. */
export function buildIdText(build: bigint): string {
  return build.toString(16).padStart(16, '0')
}
