import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { generatedFiles, generatedFolders } from './generated-files.ts'
import { writeFolder } from './write-folder.ts'

for (const [path, make] of generatedFiles) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, make())
  console.log(path)
}
for (const [path, make] of generatedFolders) {
  const files = await make()
  await writeFolder(path, files)
  for (const name of files.keys()) console.log(`${path}/${name}`)
}
