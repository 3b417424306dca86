import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { capabilityWord, readCapability } from '../../src/board/capability.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { boards, findBoard } from '../../src/toolchain/boards.ts'
import { readManifest } from '../../src/toolchain/manifest.ts'
import { readSource } from '../../src/toolchain/source-files.ts'
import { buildIdText, buildInput } from '../../src/toolchain/source-hash.ts'
import { root } from '../support/hdl-files.ts'

/** Pins by port, as the constraint files of the flows write them. */
function constrainedPins(name: string): Record<string, string> {
  const text = readSource(name).replace(/#.*$/gm, '')
  const patterns = [
    /set_io (?:-\w+ \w+ )*(\S+) (\S+)/g,
    /LOCATE COMP "([^"]+)" SITE "([^"]+)"/g,
    /set_property PACKAGE_PIN (?<pin>\S+) \[get_ports (?:\{(?<bit>[^}]+)\}|(?<port>[^\s\]]+))\]/g,
  ]
  const pins: Record<string, string> = {}
  for (const pattern of patterns)
    for (const { 1: first, 2: second, groups } of text.matchAll(pattern))
      pins[groups?.['bit'] ?? groups?.['port'] ?? first!] = groups?.['pin'] ?? second!
  return pins
}

describe.each(boards.map((board) => [board.name, board] as const))('%s', (_, board) => {
  it('has its pins, ports and sources', () => {
    expect(constrainedPins(board.constraints)).toEqual(board.pins)
    const { sources } = buildInput(board)
    const top = sources.get([...sources.keys()].find((name) => name.endsWith(`/${board.top}.sv`))!)!
    const ports = [...top.split(');')[0]!.matchAll(/(?:input|output)\s+\w+\s+(?:\[(\d+):0\] )?\s*(\w+)/g)]
    const names = ports.flatMap(([, high, name]) =>
      high === undefined ? [name!] : Array.from({ length: Number(high) + 1 }, (_, i) => `${name}[${i}]`),
    )
    expect(names.sort()).toEqual(Object.keys(board.pins).sort())
  })

  it('can do what its capability word can say, and is not called proven', () => {
    expect(readCapability(capabilityWord(board.capability))).toEqual(board.capability)
    expect(board.status).not.toBe('proven')
  })

  it('has another build id when one byte of its sources, constraints or parameters changes', () => {
    const { build, sources, maps } = buildInput(board)
    const folder = mkdtempSync(join(tmpdir(), 'gemgate-boards-'))
    try {
      cpSync(`${root}hdl`, join(folder, 'hdl'), { recursive: true })
      expect(buildInput(board, folder).build).toBe(build)
      for (const name of [...sources.keys(), ...maps.keys(), board.constraints]) {
        const text = readFileSync(join(folder, name))
        writeFileSync(join(folder, name), Buffer.concat([text, Buffer.from(' ')]))
        expect(buildInput(board, folder).build).not.toBe(build)
        writeFileSync(join(folder, name), text)
      }
      // what a checkout makes of line ends is no change
      const top = join(folder, board.constraints)
      writeFileSync(top, readFileSync(top, 'utf8').replaceAll('\n', '\r\n'))
      expect(buildInput(board, folder).build).toBe(build)
    } finally {
      rmSync(folder, { recursive: true })
    }
    expect(buildInput({ ...board, clock: board.clock + 1 }).build).not.toBe(build)
    expect(buildInput({ ...board, parameters: { MORE: 1 } }).build).not.toBe(build)
  })
})

describe.each(boards.filter(({ flow }) => flow === 'ice40').map((board) => [board.name, board] as const))(
  'the committed bitstream of %s',
  (name, board) => {
    it('belongs to the sources as they are', async () => {
      const manifest = await readManifest(`${root}bitstreams/${name}.json`)
      const { sourceHash, build } = buildInput(board)
      expect(manifest.sourceHash, `run: npm run gemgate -- build ${name}`).toBe(sourceHash)
      expect(manifest.buildId).toBe(buildIdText(build))
      expect(Number.parseInt(manifest.registerSchema, 16)).toBe(registerSchema)
    })

    it('meets its clock, fits, and is the image of its manifest', async () => {
      const manifest = await readManifest(`${root}bitstreams/${name}.json`)
      expect(manifest).toMatchObject({ board: name, device: board.device, clock: board.clock })
      expect(manifest.slack).toBeGreaterThan(0)
      expect(manifest.fmax).toBeGreaterThan(board.clock)
      expect(manifest.resources.logicCells.available).toBe(board.resources['logicCells'])
      const image = readFileSync(`${root}bitstreams/${manifest.image.file}`)
      expect(image.length).toBe(manifest.image.bytes)
      expect(createHash('sha256').update(image).digest('hex')).toBe(manifest.image.sha256)
    })
  },
)

it('names the boards when it does not know one', () => {
  expect(() => findBoard('nexys')).toThrow(
    expect.objectContaining({
      code: 'GG_USAGE',
      remedy: expect.stringContaining('icebreaker, hx8k, ulx3s-85f, acorn, litefury'),
    }),
  )
})
