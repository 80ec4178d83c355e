export type DataFolderCode =
  /** It has no mark of Glovebox, or the mark of another folder. */
  | 'not-made-here'
  | 'newer-format'
  /** It was named, does not exist, and the command only reads. */
  | 'missing'
  | 'not-a-folder'
  | 'symbolic-link'
  | 'other-owner'
  | 'open-to-others'
  /** A git work tree around it has files of it in its index. */
  | 'tracked'
  /** It has nothing that a data folder would have. */
  | 'nothing-to-adopt'

/** Why a folder is not taken as the data folder. Nothing in it was read. */
export class DataFolderError extends Error {
  readonly code: DataFolderCode
  readonly cure: string
  constructor(code: DataFolderCode, message: string, cure: string) {
    super(message)
    this.name = 'DataFolderError'
    this.code = code
    this.cure = cure
  }
}
