package live

// seatTemplate is a seat layout that a room can be created with.
type seatTemplate struct {
	layout   int // its number in the older, numeric form; 0 when it has none
	seats    int // seats it has, or by default has when the caller chooses
	ownCount bool
}

// seatTemplates by name; some names exist in two spellings, and both are met in real clients.
var seatTemplates = map[string]seatTemplate{
	"VideoDynamicGrid9Seats":  {layout: 600, seats: 9},
	"VideoDynamicFloat7Seats": {layout: 601, seats: 7},
	"VideoFixedGrid9Seats":    {layout: 800, seats: 9},
	"VideoFixedFloat7Seats":   {layout: 801, seats: 7},
	"VideoLandscape4Seats":    {layout: 200, seats: 4},
	"VideoLandscape4Seat":     {layout: 200, seats: 4},
	"VideoLeftFocus9Seats":    {seats: 9},
	"VideoUniformGrid9Seats":  {seats: 9},
	"AudioSalon":              {layout: 70, seats: 8, ownCount: true},
	"Karaoke":                 {seats: 8, ownCount: true},
	"karaoke":                 {seats: 8, ownCount: true},
}

// maxLayoutTemplate is the highest number of a seat layout: 1 to 199 are voice rooms, 200 to 999 video rooms.
const maxLayoutTemplate = 999

// furnish decides about the room's seats. Three generations of the contract ask for them in three ways: by a
// template's name, by a layout's number, or by IsSeatEnabled with a count. Video templates have a fixed number of
// seats; elsewhere the caller's MaxSeatCount holds, up to the server's limit ([CodeOverLimit] beyond it).
func (s *Service) furnish(room *Room, spec RoomSpec) error {
	template, named := seatTemplate{seats: s.limits.MaxSeats, ownCount: true}, false
	if spec.SeatTemplate != nil {
		if template, named = seatTemplates[*spec.SeatTemplate]; !named {
			return badParameter("SeatTemplate %q is not known", *spec.SeatTemplate)
		}
		room.SeatTemplate, room.SeatLayoutTemplateID = *spec.SeatTemplate, template.layout
	}
	if id := spec.SeatLayoutTemplateID; id != nil && !named {
		if *id < 1 || *id > maxLayoutTemplate {
			return badParameter("SeatLayoutTemplateId must be 1 to %d", maxLayoutTemplate)
		}
		room.SeatLayoutTemplateID, named = *id, true
		template = layoutTemplate(*id, template)
	}
	room.SeatEnabled = named
	if spec.SeatEnabled != nil && spec.SeatTemplate == nil {
		room.SeatEnabled = *spec.SeatEnabled
	}
	count := min(template.seats, s.limits.MaxSeats)
	if n := spec.MaxSeatCount; n != nil && *n != 0 {
		if *n < 0 {
			return badParameter("MaxSeatCount must not be negative")
		}
		if *n > s.limits.MaxSeats {
			return Refuse(CodeOverLimit, "MaxSeatCount may be %d at most", s.limits.MaxSeats)
		}
		if template.ownCount {
			count = *n
		}
	}
	if room.SeatEnabled {
		room.MaxSeatCount = count
	}
	return nil
}

// layoutTemplate returns the template of that number, or fallback for a number of the caller's own.
func layoutTemplate(id int, fallback seatTemplate) seatTemplate {
	for _, t := range seatTemplates {
		if t.layout == id {
			return t
		}
	}
	return fallback
}
