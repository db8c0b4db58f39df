package config

import (
	"fmt"
	"net/netip"
)

// networkMistakes checks a list of networks.
func networkMistakes(path string, networks []netip.Prefix) Mistakes {
	var found Mistakes
	for i, p := range networks {
		path := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case !p.IsValid():
			found = append(found, wrong(path, "must be a network in CIDR form, such as 10.0.0.0/8"))
		case p.Addr().Is4In6():
			found = append(found, wrong(path, "must be written as an IPv4 network"))
		case p.Masked() != p:
			found = append(found, wrong(path, "has address bits beyond its length: write %s for the network or %s/%d for one address", p.Masked(), p.Addr(), p.Addr().BitLen()))
		}
	}
	return found
}
