package server

import (
	"github.com/greenroom-live/greenroom/internal/clientip"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

// operatorAPI makes the operators' door, and the token for it when none is configured.
func (s *Server) operatorAPI(ip clientip.Resolver) (*operator.API, error) {
	c := s.config
	opts := operator.Options{
		Store: s.store, Delivery: s.delivery, Node: s.name, NodeID: s.live.Node, Nodes: s.nodes,
		Token: c.Operator.Token.Reveal(), Networks: c.Operator.Networks, ClientIP: ip,
		WriteTimeout: c.HTTP.WriteTimeout, Log: s.log,
	}
	for _, app := range c.Apps {
		opts.Apps = append(opts.Apps, live.AppID(app.SDKAppID))
	}
	if opts.Token == "" && len(opts.Networks) > 0 {
		var err error
		if opts.Token, err = operator.Token(c.DataDir); err != nil {
			return nil, err
		}
	}
	return operator.New(opts), nil
}
