package live

// App is one customer's app as the operator configured it. It does not change while the server runs.
type App struct {
	ID        AppID
	SecretKey string
	// Admins are the App admins: the identifiers that may call REST (doc 63398).
	Admins []UserID
	// RequireImportedAccounts refuses accounts that were never imported where the contract names a code for it;
	// otherwise they are registered with an empty profile when a command first names them.
	RequireImportedAccounts bool
	MaxRooms                int // rooms at once; no quota when 0
	Lifetime                Lifetime
	// RefuseUnanswered refuses messages about which the app server was asked and gave no valid answer; otherwise they
	// are delivered.
	RefuseUnanswered bool
}

// IsAdmin tells whether user is an App admin of the app.
func (a *App) IsAdmin(user UserID) bool {
	for _, admin := range a.Admins {
		if admin == user {
			return true
		}
	}
	return false
}
