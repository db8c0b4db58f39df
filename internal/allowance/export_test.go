package allowance

// Found tells whether Redis is there, as far as is known.
func (s *Shared) Found() bool { return s.client.Load() != nil }

// RedisKey is where Redis has the bucket of a key.
var RedisKey = redisKey

// Portion is how many calls are taken at once.
var Portion = portion
