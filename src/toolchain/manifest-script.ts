import { registerSchema } from '../board/register-schema.ts'
import { protocolVersion } from '../link/protocol.ts'
import type { BoardProfile } from './board-profile.ts'
import { type BuildInput, buildIdText } from './source-hash.ts'

/**
 * A script for Node that writes the manifest beside an image made by other tools: `node manifest.mjs IMAGE TIMING`, with
 * nextpnr's report or the slack in ns that build.tcl left. Resources are 0: the reports of those tools have them.
 */
export function manifestScript(board: BoardProfile, { sources, sourceHash, build }: BuildInput): string {
  const none = { used: 0, available: 0 }
  const manifest = {
    format: 1,
    board: board.name,
    device: board.device,
    package: board.package,
    top: board.top,
    clock: board.clock,
    fmax: 0,
    slack: 0,
    baud: board.link.kind === 'uart' ? board.link.baud : 0,
    seed: 1,
    resources: {
      logicCells: none,
      luts: 0,
      flipFlops: 0,
      blockRams: none,
      multipliers: none,
      singlePortRams: none,
    },
    sourceHash,
    buildId: buildIdText(build),
    registerSchema: registerSchema.toString(16).padStart(8, '0'),
    protocolVersion,
    capability: board.capability,
    tools: {},
    sources: [...sources.keys(), board.constraints],
  }
  return `import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'

const manifest = ${JSON.stringify(manifest, null, 2)}
const [image, timing] = process.argv.slice(2)
const bytes = readFileSync(image)
const text = readFileSync(timing, 'utf8')
const period = 1e9 / manifest.clock
if (text.trimStart().startsWith('{')) {
  const clocks = Object.values(JSON.parse(text).fmax)
  manifest.fmax = Math.round(1e6 * Math.min(...clocks.map(({ achieved }) => achieved)))
  manifest.slack = Math.round(1e3 * (period - 1e9 / manifest.fmax)) / 1e3
} else {
  manifest.slack = Number(text)
  manifest.fmax = Math.round(1e9 / (period - manifest.slack))
}
if (!(manifest.slack >= 0)) throw new Error(\`timing is missed: slack \${manifest.slack} ns\`)
const sha256 = createHash('sha256').update(bytes).digest('hex')
manifest.image = { file: basename(image), bytes: bytes.length, sha256 }
writeFileSync('${board.name}.json', JSON.stringify(manifest, null, 2) + '\\n')
`
}
