import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { GemgateError } from '../../core/errors.ts'
import { imageError } from './image-error.ts'

/** What stands beside a copy of what a flash held. */
export interface BackupNote {
  readonly format: 1
  readonly kind: 'flash backup'
  readonly board: string
  readonly bytes: number
  readonly sha256: string
  /** Build id that the board returned while it held this, 16 hexadecimal digits; null when it did not answer. */
  readonly buildId: string | null
}

export interface Backup {
  readonly file: string
  readonly bytes: Uint8Array
  readonly note: BackupNote
}

/**
 * Writes what a flash held into `folder`, and a note beside it, before anything is changed. The name holds all that the
 * note says, hash and build id, so that no backup ever overwrites another one; both files are on disk when it
 * returns.
 * @throws GemgateError GG_OUTPUT
 */
export async function saveBackup(
  folder: string,
  board: string,
  bytes: Uint8Array,
  build: bigint | undefined,
): Promise<Backup> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const name = `${board}-${sha256.slice(0, 16)}`
  // A content that answered once is worth more with the build id of then.
  const earlier = build === undefined ? await answeredBackup(folder, name, board, sha256) : undefined
  if (earlier !== undefined) return earlier
  const buildId = build === undefined ? null : build.toString(16).padStart(16, '0')
  const file = join(folder, `${buildId === null ? name : `${name}-${buildId}`}.bin`)
  const note: BackupNote = { format: 1, kind: 'flash backup', board, bytes: bytes.length, sha256, buildId }
  const known = await openBackup(file, board).catch(() => undefined)
  // On disk already, whole, with the same to say. What is damaged there is no backup, and is written again.
  if (known !== undefined && known.note.sha256 === sha256 && known.note.buildId === buildId) return known
  try {
    await mkdir(folder, { recursive: true })
    await writeSafely(file, bytes)
    await writeSafely(noteFile(file), Buffer.from(`${JSON.stringify(note, null, 2)}\n`))
  } catch (error) {
    throw new GemgateError(
      'GG_OUTPUT',
      `the backup cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      'Give another --backup folder, or --no-backup.',
      { file: folder, cause: error },
    )
  }
  return { file, bytes, note }
}

/** A backup of the same content whose logic had answered. */
async function answeredBackup(
  folder: string,
  name: string,
  board: string,
  sha256: string,
): Promise<Backup | undefined> {
  const files = (await readdir(folder).catch(() => [])).filter(
    (file) => file.startsWith(`${name}-`) && file.endsWith('.bin'),
  )
  for (const file of files.sort()) {
    const backup = await openBackup(join(folder, file), board).catch(() => undefined)
    if (backup?.note.sha256 === sha256) return backup
  }
  return undefined
}

/**
 * Reads a backup and checks it against its note.
 * @throws GemgateError GG_FILE_NOT_FOUND, GG_IMAGE
 */
export async function openBackup(file: string, board: string): Promise<Backup> {
  const remedy = 'Give a .bin that gemgate flash saved, with its .json beside it.'
  const read = (path: string): Promise<Buffer> =>
    readFile(path).catch((cause: unknown) => {
      throw new GemgateError('GG_FILE_NOT_FOUND', 'the backup cannot be read', remedy, { file: path, cause })
    })
  const bytes = await read(file)
  const note = parseNote((await read(noteFile(file))).toString('utf8'), remedy)
  if (note.board !== board)
    throw imageError(`the backup is of the board ${note.board}, not ${board}`, undefined, remedy)
  if (bytes.length !== note.bytes || createHash('sha256').update(bytes).digest('hex') !== note.sha256)
    throw imageError('the backup is damaged: size or SHA-256 differ from its note', undefined, remedy)
  return { file, bytes, note }
}

function noteFile(file: string): string {
  return `${file.replace(/\.bin$/, '')}.json`
}

function parseNote(text: string, remedy: string): BackupNote {
  let note: Partial<BackupNote> | null
  try {
    note = JSON.parse(text) as Partial<BackupNote> | null
  } catch {
    note = null
  }
  const { buildId } = note ?? {}
  if (
    note?.format !== 1 ||
    note.kind !== 'flash backup' ||
    typeof note.board !== 'string' ||
    typeof note.bytes !== 'number' ||
    typeof note.sha256 !== 'string' ||
    (buildId !== null && !(typeof buildId === 'string' && /^[0-9a-f]{16}$/.test(buildId)))
  )
    throw imageError('the note beside the backup is not one that gemgate flash wrote', undefined, remedy)
  return note as BackupNote
}

async function writeSafely(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const handle = await open(temporary, 'w')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
