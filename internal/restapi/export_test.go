package restapi

import (
	"reflect"
)

// RequestTypes has the type of every command's body, by path.
var RequestTypes = func() map[string]reflect.Type {
	types := make(map[string]reflect.Type, len(commands))
	for _, c := range commands {
		types[c.path] = c.in
	}
	return types
}()

// LooseInt is the type of fields that take a number or a text of digits.
var LooseInt = reflect.TypeFor[looseInt]()

func find(path string) command {
	for _, c := range commands {
		if c.path == path {
			return c
		}
	}
	return command{path: path}
}

// ParameterCode is the code for a bad parameter of a command.
func ParameterCode(path string) int { return int(find(path).family().parameter) }

// Places tells whether a command's payload is under Response, and whether it is beside the envelope's fields.
func Places(path string) (response, beside_ bool) {
	where := find(path).where()
	return where&inResponse != 0, where&beside != 0
}
