package server

import (
	"fmt"

	"github.com/greenroom-live/greenroom/internal/allowance"
	"github.com/greenroom-live/greenroom/internal/restapi"
)

// shareAllowance has the frequency of calls counted in Redis, if there is one and anything is limited. Nodes tells how many
// nodes are alive.
func (s *Server) shareAllowance(nodes func() int) (_ restapi.Allowance, err error) {
	if s.config.RedisURL == "" || s.config.Limits.Frequency.Off() {
		return nil, nil
	}
	s.allowance, err = allowance.NewShared(allowance.Options{URL: s.config.RedisURL.Reveal(), Nodes: nodes, Log: s.log})
	if err != nil {
		return nil, fmt.Errorf("redis_url: %w", err)
	}
	return s.allowance, nil
}
