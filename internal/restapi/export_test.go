package restapi

import "reflect"

// RequestTypes has the type of every command's body, by path.
var RequestTypes = map[string]reflect.Type{
	"live_engine_http_srv/create_room":       reflect.TypeFor[createRoomRequest](),
	"live_engine_http_srv/destroy_room":      reflect.TypeFor[roomRequest](),
	"live_engine_http_srv/get_room_info":     reflect.TypeFor[roomRequest](),
	"live_engine_http_srv/set_room_metadata": reflect.TypeFor[setRoomMetadataRequest](),
	"live_engine_http_srv/get_room_metadata": reflect.TypeFor[keysRequest](),
	"live_engine_http_srv/del_room_metadata": reflect.TypeFor[keysRequest](),
	"live_engine_http_srv/modify_admin":      reflect.TypeFor[modifyAdminRequest](),
	"live_engine_http_srv/get_admin_list":    reflect.TypeFor[roomRequest](),

	"live_config/set_callback":          reflect.TypeFor[callbackRequest](),
	"live_config/update_callback":       reflect.TypeFor[callbackRequest](),
	"live_config/get_callback":          reflect.TypeFor[none](),
	"live_config/delete_callback":       reflect.TypeFor[none](),
	"live_config/set_callback_token":    reflect.TypeFor[callbackTokenRequest](),
	"live_config/get_callback_token":    reflect.TypeFor[none](),
	"live_config/delete_callback_token": reflect.TypeFor[none](),

	"im_open_login_svc/account_import": reflect.TypeFor[accountImportRequest](),
	"im_open_login_svc/account_check":  reflect.TypeFor[accountCheckRequest](),
}
