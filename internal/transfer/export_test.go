package transfer

// ImportLock is what an import locks.
const ImportLock = importLock
